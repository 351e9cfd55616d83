// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The real calls, of which the n-th fails with an errno; closing and unmapping never fail. Requests of devices that are
 * plain files below a test's root are answered as the kernel would, with memfds in the place of dma-bufs: enough to see
 * what is left open, and by whom.
 */
final class FailingCalls implements SystemCalls {
    /** The name of the memfds that stand for dma-bufs. */
    static final String DMA_BUF = "a-dma-buf";

    @SuppressWarnings("restricted") // Reads what the caller hands to the kernel.
    private static final MemorySegment ANYWHERE = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** Requests that change nothing here. */
    final List<Ioctl> asked = new CopyOnWriteArrayList<>();

    private final CLibrary real = new CLibrary();
    private final int errno;
    private final int failing;
    private final AtomicInteger made = new AtomicInteger();

    FailingCalls(int failing, int errno) {
        this.failing = failing;
        this.errno = errno;
    }

    int made() {
        return made.get();
    }

    private void next(String call) {
        if (made.incrementAndGet() == failing) {
            throw Errno.failure(call, errno);
        }
    }

    @Override
    public List<String> missing() {
        return real.missing();
    }

    @Override
    public long pageSize() {
        return real.pageSize();
    }

    @Override
    public int open(String path, boolean writes) {
        if (made.incrementAndGet() == failing) {
            throw DeviceNode.failure(Path.of(path), errno);
        }
        return real.open(path, writes);
    }

    @Override
    public int ioctl(int descriptor, Ioctl request, String file, long argument) {
        if (made.incrementAndGet() == failing) {
            throw request.failure(file, errno);
        }
        return switch (request) {
            case DMA_HEAP_IOCTL_ALLOC -> {
                Struct.Value asked = KernelStructs.DMA_HEAP_ALLOCATION.at(ANYWHERE, argument);
                asked.with("fd", dmaBuf(asked.get("len")));
                yield 0;
            }
            case UDMABUF_CREATE -> dmaBuf(KernelStructs.UDMABUF_CREATE.at(ANYWHERE, argument).get("size"));
            case UDMABUF_CREATE_LIST -> dmaBuf(real.pageSize());
            case DMA_BUF_SET_NAME_B, DMA_BUF_IOCTL_SYNC -> {
                asked.add(request);
                yield 0;
            }
            default -> real.ioctl(descriptor, request, file, argument);
        };
    }

    private int dmaBuf(long byteSize) {
        int file = real.memfdCreate(DMA_BUF);
        real.ftruncate(file, byteSize);
        return file;
    }

    @Override
    public int memfdCreateHuge(String name, long pageSize) {
        next("memfd_create");
        return real.memfdCreateHuge(name, pageSize);
    }

    @Override
    public long reserve(long byteSize) {
        next("mmap");
        return real.reserve(byteSize);
    }

    @Override
    public void mmapOver(long address, int descriptor, long byteSize) {
        next("mmap");
        real.mmapOver(address, descriptor, byteSize);
    }

    @Override
    public void mlock(long address, long byteSize) {
        next("mlock");
        real.mlock(address, byteSize);
    }

    @Override
    public int memfdCreate(String name) {
        next("memfd_create");
        return real.memfdCreate(name);
    }

    @Override
    public void ftruncate(int descriptor, long byteSize) {
        next("ftruncate");
        real.ftruncate(descriptor, byteSize);
    }

    @Override
    public void sealSize(int descriptor) {
        next("fcntl");
        real.sealSize(descriptor);
    }

    @Override
    public long mmap(int descriptor, long byteSize) {
        next("mmap");
        return real.mmap(descriptor, byteSize);
    }

    @Override
    public void mmapPrivateOver(long address, long byteSize) {
        next("mmap");
        real.mmapPrivateOver(address, byteSize);
    }

    @Override
    public void munmap(long address, long byteSize) {
        real.munmap(address, byteSize);
    }

    @Override
    public int duplicate(int descriptor) {
        next("dup");
        return real.duplicate(descriptor);
    }

    @Override
    public void close(int descriptor) {
        real.close(descriptor);
    }

    @Override
    public boolean punchHole(int descriptor, long byteSize) {
        return made.incrementAndGet() != failing && real.punchHole(descriptor, byteSize);
    }
}
