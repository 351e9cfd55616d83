// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The system calls by way of the C library: the only class that makes native calls. A symbol that the library lacks is
 * a feature that is absent: calling it is ACCESS.
 */
@SuppressWarnings("restricted") // This is the one door to native code.
final class CLibrary implements SystemCalls {
    private static final int SC_PAGESIZE = 30; // bits/confname.h, the same in glibc and musl
    private static final int MFD_CLOEXEC = 0x1; // linux/memfd.h
    private static final int MFD_ALLOW_SEALING = 0x2; // linux/memfd.h
    private static final int F_DUPFD_CLOEXEC = 1030; // linux/fcntl.h: F_LINUX_SPECIFIC_BASE + 6
    private static final int F_ADD_SEALS = 1033; // linux/fcntl.h: F_LINUX_SPECIFIC_BASE + 9
    private static final int F_SEAL_SHRINK = 0x2; // linux/fcntl.h
    private static final int F_SEAL_GROW = 0x4; // linux/fcntl.h
    private static final int PROT_READ_WRITE = 0x1 | 0x2; // asm-generic/mman-common.h
    private static final int MAP_SHARED = 0x1; // linux/mman.h
    private static final int MAP_PRIVATE = 0x2; // linux/mman.h
    private static final int MAP_FIXED = 0x10; // asm-generic/mman-common.h
    private static final int MAP_ANONYMOUS = 0x20; // asm-generic/mman-common.h
    private static final int MAP_NORESERVE = 0x4000; // asm-generic/mman-common.h
    private static final int FALLOC_FL_KEEP_SIZE = 0x1; // linux/falloc.h
    private static final int FALLOC_FL_PUNCH_HOLE = 0x2; // linux/falloc.h

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    /** A thread that no arena belongs to. */
    private static final Thread NOBODY = Thread.ofVirtual().unstarted(() -> {});

    private final List<String> missing = new ArrayList<>();
    private final Optional<MethodHandle> sysconf = find("sysconf", FunctionDescriptor.of(JAVA_LONG, JAVA_INT));
    private final Optional<MethodHandle> memfdCreate =
            find("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private final Optional<MethodHandle> ftruncate =
            find("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private final Optional<MethodHandle> fcntl = find(
            "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));
    private final Optional<MethodHandle> mmap = find(
            "mmap", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private final Optional<MethodHandle> munmap =
            find("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
    private final Optional<MethodHandle> close = find("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private final Optional<MethodHandle> fallocate =
            find("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

    @Override
    public List<String> missing() {
        return List.copyOf(missing);
    }

    @Override
    public long pageSize() {
        MethodHandle call = present(sysconf, "sysconf");
        return run(errno -> (long) call.invokeExact(errno, SC_PAGESIZE), () -> "sysconf(_SC_PAGESIZE)");
    }

    @Override
    public int memfdCreate(String name) {
        MethodHandle call = present(memfdCreate, "memfd_create");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocateFrom(name);
            return (int) run(
                    errno -> (int) call.invokeExact(errno, text, MFD_CLOEXEC | MFD_ALLOW_SEALING),
                    () -> "memfd_create(\"" + name + "\", MFD_CLOEXEC|MFD_ALLOW_SEALING)");
        }
    }

    @Override
    public void ftruncate(int descriptor, long byteSize) {
        MethodHandle call = present(ftruncate, "ftruncate");
        run(
                errno -> (int) call.invokeExact(errno, descriptor, byteSize),
                () -> "ftruncate(" + descriptor + ", " + byteSize + ")");
    }

    @Override
    public void sealSize(int descriptor) {
        MethodHandle call = present(fcntl, "fcntl");
        run(
                errno -> (int) call.invokeExact(errno, descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW),
                () -> "fcntl(" + descriptor + ", F_ADD_SEALS, F_SEAL_SHRINK|F_SEAL_GROW)");
    }

    @Override
    public long mmap(int descriptor, long byteSize) {
        MethodHandle call = present(mmap, "mmap");
        return run(
                errno -> (long) call.invokeExact(errno, 0L, byteSize, PROT_READ_WRITE, MAP_SHARED, descriptor, 0L),
                () -> "mmap(" + byteSize + ", PROT_READ|PROT_WRITE, MAP_SHARED, " + descriptor + ")");
    }

    @Override
    public void mmapPrivateOver(long address, long byteSize) {
        MethodHandle call = present(mmap, "mmap");
        int flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
        run(
                errno -> (long) call.invokeExact(errno, address, byteSize, PROT_READ_WRITE, flags, -1, 0L),
                () -> "mmap(0x" + Long.toHexString(address) + ", " + byteSize + ", MAP_PRIVATE|MAP_FIXED)");
    }

    @Override
    public void munmap(long address, long byteSize) {
        MethodHandle call = present(munmap, "munmap");
        run(
                errno -> (int) call.invokeExact(errno, address, byteSize),
                () -> "munmap(0x" + Long.toHexString(address) + ", " + byteSize + ")");
    }

    @Override
    public int duplicate(int descriptor) {
        MethodHandle call = present(fcntl, "fcntl");
        return (int) run(
                errno -> (int) call.invokeExact(errno, descriptor, F_DUPFD_CLOEXEC, 0),
                () -> "fcntl(" + descriptor + ", F_DUPFD_CLOEXEC, 0)");
    }

    @Override
    public void close(int descriptor) {
        MethodHandle call = present(close, "close");
        int errno = errnoOf(state -> (int) call.invokeExact(state, descriptor)).errno();
        // After EINTR the descriptor is closed all the same: close(2). Trying again could hit somebody else's.
        if (errno != 0 && errno != Errno.EINTR.number()) {
            throw Errno.failure("close(" + descriptor + ")", errno);
        }
    }

    @Override
    public boolean punchHole(int descriptor, long byteSize) {
        if (fallocate.isEmpty()) {
            return false;
        }
        int mode = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE;
        return errnoOf(errno -> (int) fallocate.get().invokeExact(errno, descriptor, mode, 0L, byteSize)).errno() == 0;
    }

    /** Returns mapped memory as a segment that dies with an arena, which then runs the action. */
    static MemorySegment segment(long address, long byteSize, Arena arena, Runnable atEnd) {
        return MemorySegment.ofAddress(address).reinterpret(byteSize, arena, dead -> atEnd.run());
    }

    /** Returns whether an arena, and every segment in it, is for one thread alone. */
    static boolean isConfined(Arena arena) {
        return !MemorySegment.NULL.reinterpret(arena, null).isAccessibleBy(NOBODY);
    }

    private Optional<MethodHandle> find(String name, FunctionDescriptor signature, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        Linker.Option[] all = new Linker.Option[options.length + 1];
        all[0] = Linker.Option.captureCallState("errno");
        System.arraycopy(options, 0, all, 1, options.length);
        Optional<MemorySegment> symbol = linker.defaultLookup().find(name);
        if (symbol.isEmpty()) {
            missing.add(name);
        }
        return symbol.map(address -> linker.downcallHandle(address, signature, all));
    }

    private static MethodHandle present(Optional<MethodHandle> call, String name) {
        return call.orElseThrow(() -> new DmaBufException(
                Reason.ACCESS, name + " is missing from the C library: use glibc 2.27 or musl 1.1.20, or later"));
    }

    private static long run(Downcall call, Supplier<String> text) {
        Answer answer = errnoOf(call);
        while (answer.errno == Errno.EINTR.number()) {
            answer = errnoOf(call);
        }
        if (answer.errno != 0) {
            throw Errno.failure(text.get(), answer.errno);
        }
        return answer.value;
    }

    private static Answer errnoOf(Downcall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long value = call.invoke(state);
            return new Answer(value, value == -1 ? (int) ERRNO.get(state, 0L) : 0);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("a downcall has no checked exceptions", e);
        }
    }

    /** One call of a native function that answers -1 when it fails. */
    private interface Downcall {
        long invoke(MemorySegment errno) throws Throwable;
    }

    private record Answer(long value, int errno) {}
}
