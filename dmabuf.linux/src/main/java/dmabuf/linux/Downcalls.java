// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Binds functions of the C library, and calls them with their errno: the only class that touches native code. */
@SuppressWarnings("restricted") // This is the one door to native code.
final class Downcalls {
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final String ERRNO_NAME = "errno";
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement(ERRNO_NAME));

    /** A thread that no arena belongs to. */
    private static final Thread NOBODY = Thread.ofVirtual().unstarted(() -> {});

    private final List<String> missing = new ArrayList<>();

    /** Returns the functions that were not found. */
    List<String> missing() {
        return List.copyOf(missing);
    }

    /** Returns mapped memory as a segment that dies with an arena, which then runs the action. */
    static MemorySegment segment(long address, long byteSize, Arena arena, Consumer<MemorySegment> atEnd) {
        return MemorySegment.ofAddress(address).reinterpret(byteSize, arena, atEnd);
    }

    /** Returns whether an arena, and every segment in it, is for one thread alone. */
    static boolean isConfined(Arena arena) {
        return !MemorySegment.NULL.reinterpret(arena, null).isAccessibleBy(NOBODY);
    }

    /** A function of the library, which is bound when it is called for the first time: that takes some milliseconds. */
    static final class Function {
        private final MemorySegment address;
        private final FunctionDescriptor signature;
        private final Linker.Option[] options;
        private @Nullable MethodHandle handle;

        private Function(MemorySegment address, FunctionDescriptor signature, Linker.Option... options) {
            this.address = address;
            this.signature = signature;
            this.options = options;
        }

        /** Two threads may bind it at a time; a handle is immutable, so either's will do. */
        MethodHandle handle() {
            MethodHandle bound = handle;
            if (bound == null) {
                bound = Linker.nativeLinker().downcallHandle(address, signature, options);
                handle = bound;
            }
            return bound;
        }
    }

    /**
     * Finds a function; empty, and kept as missing, where the library lacks it. Binding takes the longer the more shapes
     * there are, so there is one for each number of arguments: all are 64 bits wide, as the registers are that they are
     * passed in by the 64-bit ABIs of Linux. The callee looks at those that its types have, of numbers that are
     * sign-extended; of an int that comes back the upper half means nothing.
     */
    Optional<Function> find(String name, int arguments) {
        return find(name, arguments, Linker.Option.captureCallState(ERRNO_NAME));
    }

    /** Finds a function whose arguments vary from the third on. */
    Optional<Function> findVariadic(String name, int arguments) {
        return find(name, arguments, Linker.Option.captureCallState(ERRNO_NAME), Linker.Option.firstVariadicArg(2));
    }

    private Optional<Function> find(String name, int arguments, Linker.Option... options) {
        Optional<MemorySegment> symbol = Linker.nativeLinker().defaultLookup().find(name);
        if (symbol.isEmpty()) {
            missing.add(name);
        }
        return symbol.map(address -> new Function(address, ofWords(arguments), options));
    }

    private static FunctionDescriptor ofWords(int arguments) {
        return FunctionDescriptor.of(JAVA_LONG, Collections.nCopies(arguments, JAVA_LONG).toArray(MemoryLayout[]::new));
    }

    /** Binds a function that every C library has, and that sets no errno. */
    static MethodHandle plain(String name, FunctionDescriptor signature) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), signature);
    }

    /** Returns a function, or throws ACCESS where it is missing. */
    static MethodHandle present(Optional<Function> call, String name) {
        if (call.isEmpty()) {
            throw new DmaBufException(
                    Reason.ACCESS, name + " is missing from the C library: use glibc 2.27 or musl 1.1.20, or later");
        }
        return call.get().handle();
    }

    /** Makes a call, again while it is interrupted; returns its value, or throws what its errno says. */
    static long run(Downcall call, Supplier<String> text) {
        return restarted(call, Errno.EINTR).or(errno -> Errno.failure(text.get(), errno));
    }

    /** The answer of a call that is made again while it is interrupted, or fails with an errno that asks for it. */
    static Answer restarted(Downcall call, Errno again) {
        Answer answer = once(call);
        while (answer.errno == Errno.EINTR.number() || answer.errno == again.number()) {
            answer = once(call);
        }
        return answer;
    }

    /** Makes a call once. */
    static Answer once(Downcall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long value = call.invoke(state);
            return new Answer(value, value == -1 ? (int) ERRNO.get(state, 0L) : 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** Returns what a call threw as what may be thrown: a downcall has no checked exceptions. */
    static RuntimeException unexpected(Throwable thrown) {
        return switch (thrown) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> throw new AssertionError("a downcall has no checked exceptions", thrown);
        };
    }

    /** One call of a native function that answers -1 when it fails. */
    interface Downcall {
        long invoke(MemorySegment errno) throws Throwable;
    }

    record Answer(long value, int errno) {
        long or(IntFunction<DmaBufException> failure) {
            if (errno != 0) {
                throw failure.apply(errno);
            }
            return value;
        }
    }
}
