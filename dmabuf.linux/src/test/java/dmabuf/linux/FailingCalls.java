// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The real calls, of which the n-th fails with an errno; unmapping never fails, and closing only when asked. Requests of devices that are
 * plain files below a test's root are answered by a {@link DeviceDouble}.
 */
final class FailingCalls implements SystemCalls {
    /** In the place of an errno: an OutOfMemoryError. */
    static final int NO_ROOM_IN_THE_HEAP = -1;

    /** EPERM, EIO, ENOMEM, EACCES, EBUSY, EINVAL, ENFILE, EMFILE, ENOTTY, ENOSPC, ENOSYS, one without a name, and the heap. */
    static final int[] ERRNOS = {1, 5, 12, 13, 16, 22, 23, 24, 25, 28, 38, 99, NO_ROOM_IN_THE_HEAP};

    private final CLibrary real = new CLibrary();
    private final DeviceDouble devices = new DeviceDouble(real);
    private final int errno;
    private final int failing;
    private final AtomicInteger made = new AtomicInteger();
    private volatile boolean closesBadly;

    FailingCalls(int failing, int errno) {
        this.failing = failing;
        this.errno = errno;
    }

    DeviceDouble devices() {
        return devices;
    }

    /** From now on every close answers EIO, and has closed nevertheless: close(2). */
    void closeBadly() {
        closesBadly = true;
    }

    int made() {
        return made.get();
    }

    private void next(String call) {
        next(call, () -> Errno.failure(call, errno));
    }

    private void next(String call, Supplier<DmaBufException> failure) {
        if (made.incrementAndGet() == failing) {
            if (errno == NO_ROOM_IN_THE_HEAP) {
                throw new OutOfMemoryError("planted in " + call);
            }
            throw failure.get();
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
        next("open", () -> DeviceNode.failure(Path.of(path), errno));
        return real.open(path, writes);
    }

    @Override
    public int ioctl(int descriptor, Ioctl request, String file, long argument) {
        next("ioctl", () -> request.failure(file, errno));
        return devices.answers(request) ? devices.answer(request, argument) : real.ioctl(descriptor, request, file, argument);
    }

    @Override
    public int memfdCreateHuge(String name, long pageSize) {
        next("memfd_create");
        return real.memfdCreate(name); // This machine may have no huge pages.
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
    public void munlock(long address, long byteSize) {
        next("munlock");
        real.munlock(address, byteSize);
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
        if (closesBadly) {
            throw Errno.failure("close", Errno.EIO.number());
        }
    }

    @Override
    public boolean poll(int descriptor, long events, Duration limit) {
        next("poll");
        return real.poll(descriptor, events, limit);
    }

    @Override
    public boolean punchHole(int descriptor, long byteSize) {
        return made.incrementAndGet() != failing && real.punchHole(descriptor, byteSize);
    }
}
