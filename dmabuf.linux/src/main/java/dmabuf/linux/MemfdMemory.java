// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Memory behind a sealed memfd. The descriptor lives from creation, the mapping from the first view; closing gives both
 * back. Views that are still open then keep the addresses, never the pages: fresh private pages take their place by one
 * mmap(2) with MAP_FIXED, which no reader can fall into, and go when the last view has ended or its thread is dead. All
 * state is guarded by this object's monitor, which is held for the time of a few system calls at most.
 */
final class MemfdMemory implements Memory {
    private static final long UNMAPPED = 0;

    private final SystemCalls calls;
    private final int descriptor;
    private final long byteSize;
    private final Consumer<MemfdMemory> atEnd;

    private final Set<View> views = new HashSet<>();
    private long address = UNMAPPED;
    private boolean closed;
    private boolean returned;

    /**
     * An open view, compared by identity, the thread that alone can reach it, if there is one, and who waits for that
     * thread's death.
     */
    private static final class View {
        private final Optional<Thread> confinedTo;
        private Optional<Thread> watcher = Optional.empty();

        View(Optional<Thread> confinedTo) {
            this.confinedTo = confinedTo;
        }
    }

    private MemfdMemory(SystemCalls calls, int descriptor, long byteSize, Consumer<MemfdMemory> atEnd) {
        this.calls = calls;
        this.descriptor = descriptor;
        this.byteSize = byteSize;
        this.atEnd = atEnd;
    }

    /** Creates zeroed memory; when a call fails nothing is left behind, and the action does not run. */
    static MemfdMemory create(SystemCalls calls, long byteSize, String name, Consumer<MemfdMemory> atEnd) {
        int descriptor = calls.memfdCreate(name);
        try {
            calls.ftruncate(descriptor, byteSize);
            calls.sealSize(descriptor);
            return new MemfdMemory(calls, descriptor, byteSize, atEnd);
        } catch (RuntimeException e) {
            calls.close(descriptor);
            throw e;
        }
    }

    @Override
    public long byteSize() {
        return byteSize;
    }

    @Override
    public String source() {
        return "memfd";
    }

    @Override
    public MemorySegment view(long byteOffset, long viewSize, CpuMode mode, Arena arena) {
        if (byteOffset < 0 || viewSize < 1 || viewSize > byteSize || byteOffset > byteSize - viewSize) {
            throw new IllegalArgumentException(
                    "range " + byteOffset + "+" + viewSize + " is not inside the memory of " + byteSize + " bytes");
        }
        View view = new View(CLibrary.isConfined(arena) ? Optional.of(Thread.currentThread()) : Optional.empty());
        long start = begin(view) + byteOffset;
        try {
            MemorySegment segment = CLibrary.segment(start, viewSize, arena, () -> end(view));
            return mode.writes() ? segment : segment.asReadOnly();
        } catch (RuntimeException e) {
            end(view);
            throw e;
        }
    }

    @Override
    public synchronized int duplicateDescriptor() {
        checkOpen();
        return calls.duplicate(descriptor);
    }

    /**
     * Makes all bytes zero by giving the pages back, where that helps: never mapped memory is mostly untouched, and
     * what is mapped stays resident for the next user instead.
     *
     * @return whether it did
     */
    synchronized boolean punch() {
        checkOpen();
        return address == UNMAPPED && calls.punchHole(descriptor, byteSize);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (views.isEmpty()) {
            unmap();
        } else {
            replace();
            views.forEach(this::watch);
        }
    }

    private synchronized long begin(View view) {
        checkOpen();
        if (address == UNMAPPED) {
            address = calls.mmap(descriptor, byteSize);
        }
        views.add(view);
        return address;
    }

    /** A watcher has nothing to wait for any more: a thread of a pool would never die, and keep our classes loaded. */
    private synchronized void end(View view) {
        view.watcher.filter(watcher -> watcher != Thread.currentThread()).ifPresent(Thread::interrupt);
        if (views.remove(view) && views.isEmpty() && closed) {
            unmap();
        }
    }

    private void unmap() {
        try {
            if (address != UNMAPPED) {
                calls.munmap(address, byteSize);
            }
        } finally {
            giveBack();
        }
    }

    /** Takes the pages away from who still looks at them; where the kernel has no room for that they stay until the end. */
    private void replace() {
        try {
            calls.mmapPrivateOver(address, byteSize);
        } catch (DmaBufException e) {
            return;
        }
        giveBack();
    }

    private void giveBack() {
        if (!returned) {
            returned = true;
            try {
                calls.close(descriptor);
            } finally {
                atEnd.accept(this);
            }
        }
    }

    /** A dead thread closes no arena, and nobody else can reach what was confined to it. */
    private void watch(View view) {
        view.watcher = view.confinedTo.map(thread -> Thread.ofVirtual().name("dmabuf-view").start(() -> {
            try {
                thread.join();
                end(view);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    synchronized boolean isOpen() {
        return !closed;
    }

    private void checkOpen() {
        if (closed) {
            throw new DmaBufException(Reason.GONE, "the memory of " + byteSize + " bytes is closed");
        }
    }

    @Override
    public String toString() {
        return "memfd " + descriptor + " of " + byteSize + " bytes";
    }
}
