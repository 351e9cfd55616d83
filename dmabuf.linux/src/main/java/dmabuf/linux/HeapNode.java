// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.lang.foreign.Arena;

/** An open node of a DMA-BUF heap (linux/dma-heap.h). Any thread may call. */
final class HeapNode {
    private final SystemCalls calls;
    private final String path;
    private final int descriptor;
    private final Occupancy users = new Occupancy();

    HeapNode(SystemCalls calls, String path) {
        this.calls = calls;
        this.path = path;
        this.descriptor = calls.open(path, false);
    }

    /** Keeps the node open for the one {@link #allocate} that follows; not after {@link #close}. */
    void enter() {
        users.enter();
    }

    /** Returns a dma-buf with zeroed memory of the heap, after {@link #enter}. */
    int allocate(long byteSize) {
        return users.leaveAfter(() -> {
            try (Arena arena = Arena.ofConfined()) {
                Struct.Value request = KernelStructs.DMA_HEAP_ALLOCATION.in(arena)
                        .with("len", byteSize)
                        .with("fd_flags", CLibrary.O_RDWR | CLibrary.O_CLOEXEC);
                calls.ioctl(descriptor, Ioctl.DMA_HEAP_IOCTL_ALLOC, path, request.address());
                return (int) request.get("fd");
            }
        });
    }

    /** Closes the node, as soon as nobody allocates from it. */
    void close() {
        users.end(() -> calls.close(descriptor));
    }
}
