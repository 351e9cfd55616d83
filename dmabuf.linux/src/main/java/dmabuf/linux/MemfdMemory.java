// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Memory behind a sealed memfd. The descriptor lives from creation, the mapping from the first view; both go when the
 * memory is closed <em>and</em> the last view has ended, whichever is later. All state is guarded by this object's
 * monitor, which is held for the time of one system call at most.
 */
final class MemfdMemory implements Memory {
    private static final long UNMAPPED = 0;

    private final SystemCalls calls;
    private final int descriptor;
    private final long byteSize;
    private final Consumer<MemfdMemory> atEnd;

    private long address = UNMAPPED;
    private long views;
    private boolean closed;

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
        long start = beginView() + byteOffset;
        try {
            MemorySegment segment = CLibrary.segment(start, viewSize, arena, this::endView);
            return mode.writes() ? segment : segment.asReadOnly();
        } catch (RuntimeException e) {
            endView();
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
        if (!closed) {
            closed = true;
            endWhenUnused();
        }
    }

    private synchronized long beginView() {
        checkOpen();
        if (address == UNMAPPED) {
            address = calls.mmap(descriptor, byteSize);
        }
        views++;
        return address;
    }

    private synchronized void endView() {
        views--;
        endWhenUnused();
    }

    private void endWhenUnused() {
        if (closed && views == 0) {
            try {
                unmap();
            } finally {
                try {
                    calls.close(descriptor);
                } finally {
                    atEnd.accept(this);
                }
            }
        }
    }

    private void unmap() {
        if (address != UNMAPPED) {
            calls.munmap(address, byteSize);
        }
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
