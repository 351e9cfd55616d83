// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.DmaBufException;
import dmabuf.api.HoldingKind;
import dmabuf.api.Reason;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One bracketed CPU access. */
final class OpenAccess implements CpuAccess, Holder {
    private final Buffer buffer;
    private final Owner owner;
    private final CpuMode mode;
    private final @Nullable Thread confinedTo;
    private final Memory memory;
    private final Arena arena;
    private final MemorySegment segment;
    private final Trace trace;
    private volatile boolean over;

    private OpenAccess(Buffer buffer, Owner owner, CpuRequest request, Memory memory, Arena arena,
            MemorySegment segment) {
        this.buffer = buffer;
        this.owner = owner;
        this.mode = request.mode();
        this.confinedTo = request.isShared() ? null : Thread.currentThread();
        this.memory = memory;
        this.arena = arena;
        this.segment = segment;
        this.trace = Trace.of(buffer.core());
    }

    /** Opens a view on a range that was checked. Nothing is left behind when that fails. */
    static OpenAccess of(Buffer buffer, Owner owner, CpuRequest request, Storage storage) {
        long size = request.byteSize().orElse(buffer.request().byteSize() - request.byteOffset());
        Arena arena = request.isShared() ? Arena.ofShared() : Arena.ofConfined();
        boolean begun = false;
        boolean opened = false;
        try {
            MemorySegment segment = storage.memory().view(request.byteOffset(), size, request.mode(), arena);
            storage.memory().beginCpuAccess(request.mode());
            begun = true;
            OpenAccess access = new OpenAccess(buffer, owner, request, storage.memory(), arena, segment);
            opened = true;
            return access;
        } finally {
            if (!opened) {
                undo(arena, storage.memory(), request.mode(), begun);
            }
        }
    }

    private static void undo(Arena arena, Memory memory, CpuMode mode, boolean begun) {
        try {
            if (begun) {
                memory.endCpuAccess(mode);
            }
        } finally {
            arena.close();
        }
    }

    @Override
    public MemorySegment segment() {
        if (over) {
            throw new DmaBufException(
                    Reason.GONE, "the CPU access to buffer " + buffer.want().name() + " has ended");
        }
        return segment;
    }

    @Override
    public CpuMode mode() {
        return mode;
    }

    @Override
    public void close() {
        if (!over) {
            checkThread();
            buffer.lock().enter();
            try {
                closeOpen();
            } finally {
                buffer.settleAndLeave();
            }
        }
        closeLeftOver();
    }

    /** The scope is closed first: while somebody reads in it, it throws, and the access stays open. */
    private void closeOpen() {
        if (!over) {
            arena.close();
            over = true;
            try {
                memory.endCpuAccess(mode);
            } finally {
                buffer.letGo(this);
            }
        }
    }

    private boolean isMine() {
        return confinedTo == null || confinedTo == Thread.currentThread();
    }

    private void checkThread() {
        if (confinedTo != null && confinedTo != Thread.currentThread()) {
            throw new IllegalStateException("the CPU access is confined to thread "
                    + confinedTo.getName() + ", which must end it; ask for a shared one to end it elsewhere");
        }
    }

    /** A confined scope that was ended by force can be closed by its thread alone, which may do so now. */
    private void closeLeftOver() {
        if (isMine() && arena.scope().isAlive()) {
            arena.close();
        }
    }

    @Override
    public HoldingKind kind() {
        return HoldingKind.CPU_ACCESS;
    }

    @Override
    public Trace trace() {
        return trace;
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public Optional<String> device() {
        return Optional.empty();
    }

    /**
     * The view dies with its scope, never by unmapping under a reader. What only its own thread may close stays for that
     * thread to close; it does not keep the memory, which is taken from under it when the buffer lets go of it.
     */
    @Override
    public void end() {
        over = true;
        try {
            memory.endCpuAccess(mode);
        } finally {
            if (isMine()) {
                LateClose.of(arena);
            }
        }
    }
}
