// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.time.Duration;

/**
 * The system calls that drive the peers. The product has its own door to the C library; a peer stands for another
 * program, so it does not go through that.
 */
@SuppressWarnings("restricted")
public final class Posix {
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final int MAP_SHARED = 1;
    private static final int READ_WRITE = 3;
    private static final short POLLIN = 1;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout POINTER = ValueLayout.ADDRESS;
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle OPEN = handle("open", 2, FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle CLOSE = handle("close", 1, FunctionDescriptor.of(INT, INT));
    private static final MethodHandle IOCTL = handle("ioctl", 2, FunctionDescriptor.of(INT, INT, LONG, POINTER));
    private static final MethodHandle MMAP = handle("mmap", 6, FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
    private static final MethodHandle MUNMAP = handle("munmap", 2, FunctionDescriptor.of(INT, POINTER, LONG));
    private static final MethodHandle POLL = handle("poll", 3, FunctionDescriptor.of(INT, POINTER, LONG, INT));
    private static final MethodHandle PREAD = handle("pread", 4, FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));
    private static final MethodHandle PWRITE = handle("pwrite", 4, FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));

    private Posix() {}

    private static MethodHandle handle(String name, int fixedArguments, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        MemorySegment symbol = linker.defaultLookup().find(name).orElseThrow();
        Linker.Option errno = Linker.Option.captureCallState("errno");
        return fixedArguments == descriptor.argumentLayouts().size()
                ? linker.downcallHandle(symbol, descriptor, errno)
                : linker.downcallHandle(symbol, descriptor, errno, Linker.Option.firstVariadicArg(fixedArguments));
    }

    /** Opens a node for reading and writing, not for child processes. */
    static int open(String path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int fd = (int) OPEN.invokeExact(state, arena.allocateFrom(path), O_RDWR | O_CLOEXEC);
            return (int) checked("open " + path, fd, state);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** Closes a descriptor. */
    public static void close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            checked("close", (int) CLOSE.invokeExact(state, fd), state);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** Calls ioctl; what names it in the error. */
    static int ioctl(String what, int fd, long request, MemorySegment argument) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return (int) checked(what, (int) IOCTL.invokeExact(state, fd, request, argument), state);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** Maps a part of a file for reading and writing, shared, until the arena closes. */
    static MemorySegment map(int fd, long offset, long byteSize, Arena lifetime) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long at = (long) MMAP.invokeExact(state, 0L, byteSize, READ_WRITE, MAP_SHARED, fd, offset);
            checked("mmap", at, state);
            return MemorySegment.ofAddress(at).reinterpret(byteSize, lifetime, Posix::unmap);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    private static void unmap(MemorySegment segment) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            checked("munmap", (int) MUNMAP.invokeExact(state, segment, segment.byteSize()), state);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    /** Waits until a descriptor can be read; false when the time has passed. */
    public static boolean isReadable(int fd, Duration limit) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment entry = arena.allocate(8, 4); // struct pollfd: int fd; short events, revents
            entry.set(INT, 0, fd);
            entry.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
            return checked("poll", (int) POLL.invokeExact(state, entry, 1L, (int) limit.toMillis()), state) == 1;
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    static void read(int fd, MemorySegment to, long offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            checked("pread", (long) PREAD.invokeExact(state, fd, to, to.byteSize(), offset), state);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    static void write(int fd, MemorySegment from, long offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            checked("pwrite", (long) PWRITE.invokeExact(state, fd, from, from.byteSize(), offset), state);
        } catch (Throwable e) {
            throw thrown(e);
        }
    }

    private static long checked(String what, long answer, MemorySegment state) {
        if (answer == -1) {
            throw new KernelRefusal(what, (int) ERRNO.get(state, 0L));
        }
        return answer;
    }

    private static RuntimeException thrown(Throwable e) {
        return switch (e) {
            case RuntimeException unchecked -> unchecked;
            case Error error -> throw error;
            default -> new IllegalStateException(e);
        };
    }
}
