// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static dmabuf.linux.Downcalls.once;
import static dmabuf.linux.Downcalls.present;
import static dmabuf.linux.Downcalls.restarted;
import static dmabuf.linux.Downcalls.run;

import dmabuf.api.Quantity;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The system calls by way of the C library, each bound and made through {@link Downcalls}. A symbol that the library
 * lacks is a feature that is absent: calling it is ACCESS.
 */
final class CLibrary implements SystemCalls {
    private static final long SC_PAGESIZE = 30; // bits/confname.h, the same in glibc and musl
    private static final long MFD_CLOEXEC = 0x1; // linux/memfd.h
    private static final long MFD_ALLOW_SEALING = 0x2; // linux/memfd.h
    private static final long MFD_HUGETLB = 0x4; // linux/memfd.h
    private static final int MFD_HUGE_SHIFT = 26; // asm-generic/hugetlb_encode.h: log2 of the size stands there
    private static final long O_RDONLY = 0x0; // asm-generic/fcntl.h
    static final long O_RDWR = 0x2; // asm-generic/fcntl.h
    static final long O_CLOEXEC = 0x80000; // asm-generic/fcntl.h: 02000000
    private static final long F_DUPFD_CLOEXEC = 1030; // linux/fcntl.h: F_LINUX_SPECIFIC_BASE + 6
    private static final long F_ADD_SEALS = 1033; // linux/fcntl.h: F_LINUX_SPECIFIC_BASE + 9
    private static final long F_SEAL_SHRINK = 0x2; // linux/fcntl.h
    private static final long F_SEAL_GROW = 0x4; // linux/fcntl.h
    private static final long PROT_NONE = 0x0; // asm-generic/mman-common.h
    private static final long PROT_READ_WRITE = 0x1 | 0x2; // asm-generic/mman-common.h
    private static final long MAP_SHARED = 0x1; // linux/mman.h
    private static final long MAP_PRIVATE = 0x2; // linux/mman.h
    private static final long MAP_FIXED = 0x10; // asm-generic/mman-common.h
    private static final long MAP_ANONYMOUS = 0x20; // asm-generic/mman-common.h
    private static final long MAP_NORESERVE = 0x4000; // asm-generic/mman-common.h
    private static final long FALLOC_FL_KEEP_SIZE = 0x1; // linux/falloc.h
    private static final long FALLOC_FL_PUNCH_HOLE = 0x2; // linux/falloc.h

    private final Downcalls library = new Downcalls();
    private final Optional<Downcalls.Function> sysconf = library.find("sysconf", 1);
    private final Optional<Downcalls.Function> open = library.findVariadic("open", 3);
    private final Optional<Downcalls.Function> ioctl = library.findVariadic("ioctl", 3);
    private final Optional<Downcalls.Function> fcntl = library.findVariadic("fcntl", 3);
    private final Optional<Downcalls.Function> mlock = library.find("mlock", 2);
    private final Optional<Downcalls.Function> munlock = library.find("munlock", 2);
    private final Optional<Downcalls.Function> memfdCreate = library.find("memfd_create", 2);
    private final Optional<Downcalls.Function> ftruncate = library.find("ftruncate", 2);
    private final Optional<Downcalls.Function> mmap = library.find("mmap", 6);
    private final Optional<Downcalls.Function> munmap = library.find("munmap", 2);
    private final Optional<Downcalls.Function> close = library.find("close", 1);
    private final Optional<Downcalls.Function> fallocate = library.find("fallocate", 4);
    private final Optional<Downcalls.Function> poll = library.find("poll", 3);

    @Override
    public List<String> missing() {
        return library.missing();
    }

    @Override
    public long pageSize() {
        MethodHandle call = present(sysconf, "sysconf");
        return run(errno -> (long) call.invokeExact(errno, SC_PAGESIZE), () -> "sysconf(_SC_PAGESIZE)");
    }

    @Override
    public int open(String path, boolean writes) {
        MethodHandle call = present(open, "open");
        try (Arena arena = Arena.ofConfined()) {
            long text = arena.allocateFrom(path).address();
            long flags = (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC;
            Downcalls.Answer answer = restarted(errno -> (int) (long) call.invokeExact(errno, text, flags, 0L), Errno.EINTR);
            return (int) answer.or(errno -> DeviceNode.failure(Path.of(path), errno));
        }
    }

    @Override
    public int ioctl(int descriptor, Ioctl request, String file, long argument) {
        MethodHandle call = present(ioctl, "ioctl");
        Errno again = request.restarts() ? Errno.EAGAIN : Errno.EINTR;
        long number = request.number();
        Downcalls.Answer answer = restarted(errno -> (int) (long) call.invokeExact(errno, (long) descriptor, number, argument), again);
        return (int) answer.or(errno -> request.failure(file, errno));
    }

    @Override
    public int memfdCreate(String name) {
        return memfd(name, MFD_CLOEXEC | MFD_ALLOW_SEALING, "MFD_CLOEXEC|MFD_ALLOW_SEALING");
    }

    @Override
    public int memfdCreateHuge(String name, long pageSize) {
        long size = (long) Long.numberOfTrailingZeros(pageSize) << MFD_HUGE_SHIFT;
        return memfd(
                name,
                MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | size,
                "MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_HUGETLB|" + Quantity.format(pageSize));
    }

    private int memfd(String name, long flags, String text) {
        MethodHandle call = present(memfdCreate, "memfd_create");
        try (Arena arena = Arena.ofConfined()) {
            long file = arena.allocateFrom(name).address();
            return (int) run(
                    errno -> (int) (long) call.invokeExact(errno, file, flags),
                    () -> "memfd_create(\"" + name + "\", " + text + ")");
        }
    }

    @Override
    public void ftruncate(int descriptor, long byteSize) {
        MethodHandle call = present(ftruncate, "ftruncate");
        run(
                errno -> (int) (long) call.invokeExact(errno, (long) descriptor, byteSize),
                () -> "ftruncate(" + descriptor + ", " + byteSize + ")");
    }

    @Override
    public void sealSize(int descriptor) {
        MethodHandle call = present(fcntl, "fcntl");
        run(
                errno -> (int) (long) call.invokeExact(errno, (long) descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW),
                () -> "fcntl(" + descriptor + ", F_ADD_SEALS, F_SEAL_SHRINK|F_SEAL_GROW)");
    }

    @Override
    public long mmap(int descriptor, long byteSize) {
        MethodHandle call = present(mmap, "mmap");
        return run(
                errno -> (long) call.invokeExact(errno, 0L, byteSize, PROT_READ_WRITE, MAP_SHARED, (long) descriptor, 0L),
                () -> "mmap(" + byteSize + ", PROT_READ|PROT_WRITE, MAP_SHARED, " + descriptor + ")");
    }

    @Override
    public void mmapOver(long address, int descriptor, long byteSize) {
        MethodHandle call = present(mmap, "mmap");
        long flags = MAP_SHARED | MAP_FIXED;
        run(
                errno -> (long) call.invokeExact(errno, address, byteSize, PROT_READ_WRITE, flags, (long) descriptor, 0L),
                () -> "mmap(0x" + Long.toHexString(address) + ", " + byteSize + ", MAP_SHARED|MAP_FIXED, " + descriptor
                        + ")");
    }

    @Override
    public long reserve(long byteSize) {
        MethodHandle call = present(mmap, "mmap");
        long flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        return run(
                errno -> (long) call.invokeExact(errno, 0L, byteSize, PROT_NONE, flags, -1L, 0L),
                () -> "mmap(" + byteSize + ", PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS)");
    }

    @Override
    public void mlock(long address, long byteSize) {
        MethodHandle call = present(mlock, "mlock");
        run(
                errno -> (int) (long) call.invokeExact(errno, address, byteSize),
                () -> "mlock(0x" + Long.toHexString(address) + ", " + byteSize + ")");
    }

    @Override
    public void munlock(long address, long byteSize) {
        MethodHandle call = present(munlock, "munlock");
        run(
                errno -> (int) (long) call.invokeExact(errno, address, byteSize),
                () -> "munlock(0x" + Long.toHexString(address) + ", " + byteSize + ")");
    }

    @Override
    public void mmapPrivateOver(long address, long byteSize) {
        MethodHandle call = present(mmap, "mmap");
        long flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
        run(
                errno -> (long) call.invokeExact(errno, address, byteSize, PROT_READ_WRITE, flags, -1L, 0L),
                () -> "mmap(0x" + Long.toHexString(address) + ", " + byteSize + ", MAP_PRIVATE|MAP_FIXED)");
    }

    @Override
    public void munmap(long address, long byteSize) {
        MethodHandle call = present(munmap, "munmap");
        run(
                errno -> (int) (long) call.invokeExact(errno, address, byteSize),
                () -> "munmap(0x" + Long.toHexString(address) + ", " + byteSize + ")");
    }

    @Override
    public int duplicate(int descriptor) {
        MethodHandle call = present(fcntl, "fcntl");
        return (int) run(
                errno -> (int) (long) call.invokeExact(errno, (long) descriptor, F_DUPFD_CLOEXEC, 0L),
                () -> "fcntl(" + descriptor + ", F_DUPFD_CLOEXEC, 0)");
    }

    @Override
    public void close(int descriptor) {
        MethodHandle call = present(close, "close");
        int errno = once(state -> (int) (long) call.invokeExact(state, (long) descriptor)).errno();
        // After EINTR the descriptor is closed all the same: close(2). Trying again could hit somebody else's.
        if (errno != 0 && errno != Errno.EINTR.number()) {
            throw Errno.failure("close(" + descriptor + ")", errno);
        }
    }

    @Override
    public boolean poll(int descriptor, long events, Duration limit) {
        MethodHandle call = present(poll, "poll");
        long millis = Math.clamp(limit.toMillis(), 0, Integer.MAX_VALUE);
        try (Arena arena = Arena.ofConfined()) {
            Struct.Value file = KernelStructs.POLLFD.in(arena).with("fd", descriptor).with("events", events);
            Downcalls.Answer answer = once(errno -> (int) (long) call.invokeExact(errno, file.address(), 1L, millis));
            boolean isInvalid = (file.get("revents") & KernelStructs.POLLNVAL) != 0;
            int errno = isInvalid ? Errno.EBADF.number() : answer.errno();
            if (errno != 0 && errno != Errno.EINTR.number()) {
                throw Errno.failure("poll(" + descriptor + ")", errno);
            }
            return answer.value() > 0;
        }
    }

    @Override
    public boolean punchHole(int descriptor, long byteSize) {
        if (fallocate.isEmpty()) {
            return false;
        }
        MethodHandle call = fallocate.get().handle();
        long mode = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE;
        return once(errno -> (int) (long) call.invokeExact(errno, (long) descriptor, mode, 0L, byteSize)).errno() == 0;
    }
}
