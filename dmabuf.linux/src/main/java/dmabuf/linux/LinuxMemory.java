// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.FenceUsage;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Memory of any source: its files live from creation until it is closed or joined with others, its CPU mapping from the
 * first view. Who maps it for devices is told before its pages go.
 */
final class LinuxMemory implements Memory {
    private final SystemCalls calls;
    private volatile Backing backing;
    private final long byteSize;
    private final Predicate<Backing> lending;
    private final Consumer<LinuxMemory> atEnd;
    private final CpuMapping mapping;
    private final Set<Runnable> users = new CopyOnWriteArraySet<>();
    private volatile boolean spent;
    private volatile boolean offered;
    private volatile boolean lentOn;

    /**
     * Creates the memory of open files, which it owns from now on.
     *
     * @param lending takes over the files of a dma-buf that others hold; false when nobody does
     * @param atEnd told once when they are closed, or have passed to another memory or to others
     */
    LinuxMemory(SystemCalls calls, Backing backing, Predicate<Backing> lending, Consumer<LinuxMemory> atEnd) {
        this.lending = lending;
        this.calls = calls;
        this.backing = backing;
        this.byteSize = backing.byteSize();
        this.atEnd = atEnd;
        this.mapping = new CpuMapping(calls, byteSize, () -> backing.map(calls), this::giveBack);
    }

    @Override
    public long byteSize() {
        return byteSize;
    }

    @Override
    public String source() {
        return backing.source();
    }

    Backing backing() {
        return backing;
    }

    @Override
    public MemorySegment view(long byteOffset, long viewSize, CpuMode mode, Arena arena) {
        return mapping.view(byteOffset, viewSize, mode, arena);
    }

    @Override
    public int duplicateDescriptor() {
        return mapping.whileOpen(() -> {
            offered = true;
            return calls.duplicate(backing.offered());
        });
    }

    /** Returns a descriptor of the caller's own for a file of this memory. */
    int duplicate(int descriptor) {
        return mapping.whileOpen(() -> calls.duplicate(descriptor));
    }

    /**
     * Keeps the pages where they are until this is closed, where that is not so already.
     *
     * @return false, and nothing is changed, where it cannot be done
     */
    boolean pin(UnaryOperator<Backing> pinning) {
        return mapping.whileOpen(() -> {
            try {
                backing = backing.isPinned() ? backing : pinning.apply(backing);
                return true;
            } catch (DmaBufException e) {
                return false;
            }
        });
    }

    @Override
    public boolean isDmaBuf() {
        return backing.dmaBuf().isPresent();
    }

    @Override
    public OptionalLong holders() {
        return mapping.whileOpen(() -> backing.dmaBuf().isEmpty()
                ? OptionalLong.empty()
                : DmaBufCalls.holders(backing.dmaBuf().getAsInt()));
    }

    /** A mapping of a heap's memory holds the dma-buf, too; one of a memfd below a udmabuf does not. */
    @Override
    public long ownHolds() {
        return backing.isExporters() && mapping.isMapped() ? 2 : 1;
    }

    @Override
    public boolean isVacant() {
        return mapping.isUnseen() && users.isEmpty() && (!offered || holders().orElse(0) == ownHolds());
    }

    @Override
    public void beginCpuAccess(CpuMode mode) {
        if (isDmaBuf()) {
            sync(KernelStructs.DMA_BUF_SYNC_START, mode);
        }
    }

    @Override
    public void endCpuAccess(CpuMode mode) {
        if (isDmaBuf() && isOpen()) {
            sync(KernelStructs.DMA_BUF_SYNC_END, mode);
        }
    }

    private void sync(long edge, CpuMode mode) {
        withDmaBuf(dmaBuf -> {
            new DmaBufCalls(calls).sync(dmaBuf, source(), edge, mode);
            return dmaBuf;
        });
    }

    /** A driver may wait in a call for its device; others use the memory meanwhile, and who closes it waits for nobody. */
    private <T> T withDmaBuf(IntFunction<T> action) {
        return mapping.whileKept(() -> action.apply(backing.dmaBuf().getAsInt()));
    }

    @Override
    public boolean awaitDrivers(FenceUsage usage, Duration limit) {
        long events = usage == FenceUsage.WRITE ? KernelStructs.POLLOUT : KernelStructs.POLLIN;
        if (!isDmaBuf()) {
            return true;
        }
        return withDmaBuf(dmaBuf -> calls.poll(dmaBuf, events, limit));
    }

    @Override
    public int exportSyncFile(FenceUsage usage) {
        if (!isDmaBuf()) {
            return Memory.super.exportSyncFile(usage);
        }
        try (Opened exported = new Opened(calls)) {
            int file = withDmaBuf(dmaBuf -> exported.add(new DmaBufCalls(calls).exportSyncFile(dmaBuf, source(), usage)));
            exported.keepAll();
            return file;
        }
    }

    /** Makes drivers that use the dma-buf wait for a sync_file; nothing where there is none. */
    void importSyncFile(FenceUsage usage, int syncFile) {
        if (isDmaBuf()) {
            withDmaBuf(dmaBuf -> {
                new DmaBufCalls(calls).importSyncFile(dmaBuf, source(), usage, syncFile);
                return dmaBuf;
            });
        }
    }

    /**
     * Makes all bytes zero. Memory that was never mapped is mostly untouched, and gives its pages back for that, where no
     * dma-buf holds them; what is mapped stays resident for the next user.
     */
    void zero() {
        mapping.whileOpen(() -> {
            boolean helps = backing.frees() && !mapping.isMapped();
            if (!helps || !calls.punchHole(backing.pieces().getFirst().descriptor(), byteSize)) {
                Bytes.zero(mapping.address(), byteSize);
            }
            return helps;
        });
    }

    /**
     * Returns the address of the CPU mapping, for a device to be mapped to it.
     *
     * @param atClose run before the pages go; not while this object's state is guarded
     */
    long use(Runnable atClose) {
        return mapping.whileOpen(() -> {
            long address = mapping.address();
            users.add(atClose);
            return address;
        });
    }

    /** Forgets an action of {@link #use}. */
    void unuse(Runnable atClose) {
        users.remove(atClose);
    }

    /** Does something with the address of the CPU mapping, whose pages do not go away meanwhile. */
    <T> T whileMapped(LongFunction<T> action) {
        return mapping.whileOpen(() -> action.apply(mapping.address()));
    }

    @Override
    public void close() {
        if (mapping.shut()) {
            end();
        }
    }

    /**
     * Takes this memory out of use, because its bytes are counted for another one that has its files; {@link #end} follows.
     *
     * @return false when it was closed before
     */
    boolean spend() {
        boolean first = mapping.shut();
        if (first) {
            spent = true;
        }
        return first;
    }

    /** Ends every use by devices, also when one cannot be ended, and then gives the pages back. */
    void end() {
        Every.step(() -> Every.of(users, Runnable::run), mapping::end);
    }

    private void giveBack() {
        try {
            lentOn = !spent && offered && lending.test(backing);
        } finally {
            giveUp();
        }
    }

    private void giveUp() {
        try {
            if (!lentOn) {
                backing.close(calls);
            }
        } finally {
            atEnd.accept(this);
        }
    }

    /** Returns whether its bytes are counted elsewhere: for another memory, or as lent. */
    boolean isCountedElsewhere() {
        return spent || lentOn;
    }

    boolean isOpen() {
        return mapping.isOpen();
    }

    @Override
    public String toString() {
        return source() + " of " + byteSize + " bytes";
    }
}
