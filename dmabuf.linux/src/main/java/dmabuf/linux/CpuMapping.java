// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one CPU mapping of a memory: made when somebody first looks, shared by all views, and taken away safely. Views
 * that are still open when it ends keep the addresses, never the pages: fresh private pages take their place by one
 * mmap(2) with MAP_FIXED, which no reader can fall into, and go when the last view has ended or its thread is dead. All
 * state is guarded by this object's monitor, which is held for the time of a few system calls at most.
 */
final class CpuMapping {
    private static final long UNMAPPED = 0;

    private final SystemCalls calls;
    private final long byteSize;
    private final LongSupplier map;
    private final Runnable giveBack;

    /** The open view that began last; each knows its neighbours. */
    private @Nullable View newest;

    private long address = UNMAPPED;
    private boolean closed;
    private final Occupancy files = new Occupancy();

    /** An open view: what its arena runs at its end. */
    private final class View implements Consumer<MemorySegment> {
        /** The thread that alone can reach it, if there is one. */
        private final @Nullable Thread confinedTo;

        /** Who waits for that thread's death. */
        private @Nullable Thread watcher;

        private @Nullable View older;
        private @Nullable View newer;
        private boolean listed;

        View(@Nullable Thread confinedTo) {
            this.confinedTo = confinedTo;
        }

        @Override
        public void accept(MemorySegment dead) {
            end(this);
        }
    }

    /**
     * Creates the mapping of memory that nobody looks at yet.
     *
     * @param map maps all of it, and returns the address
     * @param giveBack closes what is behind it, once, when the pages are nobody's any more, and no call is made with it
     */
    CpuMapping(SystemCalls calls, long byteSize, LongSupplier map, Runnable giveBack) {
        this.calls = calls;
        this.byteSize = byteSize;
        this.map = map;
        this.giveBack = giveBack;
    }

    /** Opens a view, as {@link dmabuf.api.spi.Memory#view} says. */
    MemorySegment view(long byteOffset, long viewSize, CpuMode mode, Arena arena) {
        if (byteOffset < 0 || viewSize < 1 || viewSize > byteSize || byteOffset > byteSize - viewSize) {
            throw new IllegalArgumentException(
                    "range " + byteOffset + "+" + viewSize + " is not inside the memory of " + byteSize + " bytes");
        }
        View view = new View(Downcalls.isConfined(arena) ? Thread.currentThread() : null);
        long start = begin(view) + byteOffset;
        try {
            MemorySegment segment = Downcalls.segment(start, viewSize, arena, view);
            return mode.writes() ? segment : segment.asReadOnly();
        } catch (RuntimeException | Error e) {
            end(view);
            throw e;
        }
    }

    /** Does something that needs the memory open, and keeps it open meanwhile. */
    synchronized <T> T whileOpen(Supplier<T> action) {
        checkOpen();
        return action.get();
    }

    /** Does something that may wait, with what is behind it open until it is done; others use the memory meanwhile, or close it. */
    <T> T whileKept(Supplier<T> action) {
        if (!isOpen() || !files.enter()) {
            throw gone();
        }
        return files.leaveAfter(action);
    }

    /** Returns the first address; maps when nobody looked yet. */
    synchronized long address() {
        checkOpen();
        if (address == UNMAPPED) {
            address = map.getAsLong();
        }
        return address;
    }

    synchronized boolean isMapped() {
        return address != UNMAPPED;
    }

    synchronized boolean isOpen() {
        return !closed;
    }

    /** Returns whether it is open, and no view on it is. */
    synchronized boolean isUnseen() {
        return !closed && newest == null;
    }

    /** Ends all use but that of open views; returns false when that was done before. */
    synchronized boolean shut() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    /** Takes the pages away, and gives back what is behind them; after {@link #shut}, once. */
    synchronized void end() {
        if (newest == null) {
            unmap();
            return;
        }
        replace();
        for (View view = newest; view != null; view = view.older) {
            watch(view);
        }
    }

    private synchronized long begin(View view) {
        long start = address();
        view.older = newest;
        if (newest != null) {
            newest.newer = view;
        }
        newest = view;
        view.listed = true;
        return start;
    }

    /** A watcher has nothing to wait for any more: a thread of a pool would never die, and keep our classes loaded. */
    private synchronized void end(View view) {
        if (view.watcher != null && view.watcher != Thread.currentThread()) {
            view.watcher.interrupt();
        }
        if (view.listed) {
            unlist(view);
            if (newest == null && closed) {
                unmap();
            }
        }
    }

    private void unlist(View view) {
        view.listed = false;
        if (view.newer == null) {
            newest = view.older;
        } else {
            view.newer.older = view.older;
        }
        if (view.older != null) {
            view.older.newer = view.newer;
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
        } catch (DmaBufException | OutOfMemoryError e) {
            return;
        }
        giveBack();
    }

    private void giveBack() {
        files.end(giveBack);
    }

    /** A dead thread closes no arena, and nobody else can reach what was confined to it. */
    private void watch(View view) {
        Thread thread = view.confinedTo;
        if (thread != null) {
            view.watcher = Thread.ofVirtual().name("dmabuf-view").start(() -> awaitDeath(thread, view));
        }
    }

    private void awaitDeath(Thread thread, View view) {
        try {
            thread.join();
            end(view);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw gone();
        }
    }

    private DmaBufException gone() {
        return new DmaBufException(Reason.GONE, "the memory of " + byteSize + " bytes is closed");
    }
}
