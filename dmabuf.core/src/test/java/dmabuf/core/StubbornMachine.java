// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.CpuMode;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The real memory service, of which the next call of a name throws: after it did what it was asked, as a call does that
 * has no room left to say so.
 */
final class StubbornMachine {
    private final Map<String, Throwable> failing = new ConcurrentHashMap<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger accesses = new AtomicInteger();

    /** Lets the next call of this name throw; {@code close} and {@code duplicateDescriptor} are those of a memory. */
    void fail(String call, Throwable thrown) {
        failing.put(call, thrown);
    }

    /** Returns how many accesses of the CPU have begun and not ended. */
    int begun() {
        return begun.get();
    }

    /** Returns how many accesses of the CPU have ever begun. */
    int accesses() {
        return accesses.get();
    }

    MemoryService over(MemoryService real) {
        return (MemoryService) Proxy.newProxyInstance(
                MemoryService.class.getClassLoader(), new Class<?>[] {MemoryService.class},
                (_, method, arguments) -> call(real, method, arguments));
    }

    private @Nullable Object call(MemoryService real, Method method, Object @Nullable [] arguments) throws Throwable {
        Object[] own = arguments == null
                ? new Object[0]
                : Arrays.stream(arguments).map(each -> each instanceof Piece piece ? piece.real : each).toArray();
        Object answer;
        try {
            answer = method.invoke(real, own);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        throwIfAsked(method.getName());
        return answer instanceof Memory memory ? new Piece(memory) : answer;
    }

    private void throwIfAsked(String call) throws Throwable {
        Throwable thrown = failing.remove(call);
        if (thrown != null) {
            throw thrown;
        }
    }

    private final class Piece implements Memory {
        private final Memory real;

        Piece(Memory real) {
            this.real = real;
        }

        @Override
        public long byteSize() {
            return real.byteSize();
        }

        @Override
        public String source() {
            return real.source();
        }

        @Override
        public MemorySegment view(long byteOffset, long byteSize, CpuMode mode, Arena arena) {
            return real.view(byteOffset, byteSize, mode, arena);
        }

        @Override
        public void beginCpuAccess(CpuMode mode) {
            real.beginCpuAccess(mode);
            begun.incrementAndGet();
            accesses.incrementAndGet();
        }

        @Override
        public void endCpuAccess(CpuMode mode) {
            begun.decrementAndGet();
            real.endCpuAccess(mode);
        }

        @Override
        public boolean isVacant() {
            return real.isVacant();
        }

        @Override
        public int duplicateDescriptor() {
            throwUnchecked("duplicateDescriptor");
            return real.duplicateDescriptor();
        }

        @Override
        public void close() {
            real.close();
            throwUnchecked("close");
        }

        private void throwUnchecked(String call) {
            switch (failing.remove(call)) {
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                case null, default -> {}
            }
        }
    }
}
