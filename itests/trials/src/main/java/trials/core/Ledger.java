// SPDX-License-Identifier: Apache-2.0
package trials.core;

import java.lang.reflect.Method;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import trials.Row;

/** Keeps books of every descriptor that the system calls give and close. */
final class Ledger implements Wrap {
    private static final Set<String> OPENING = Set.of("open", "memfdCreate", "memfdCreateHuge", "duplicate");

    private final Set<Integer> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong opened = new AtomicLong();
    private final AtomicReference<String> wrong = new AtomicReference<>("");

    @Override
    public @Nullable Object answer(Method method, @Nullable Object[] arguments, Call real) throws Throwable {
        boolean isSystemCall = method.getDeclaringClass().getSimpleName().equals("SystemCalls");
        if (isSystemCall && method.getName().equals("close") && !open.remove((Integer) arguments[0])) {
            wrong.compareAndSet("", "descriptor " + arguments[0] + " is closed twice");
        }
        Object answer = real.make();
        if (isSystemCall && OPENING.contains(method.getName())) {
            opened.incrementAndGet();
            open.add((Integer) answer);
        }
        return answer;
    }

    int open() {
        return open.size();
    }

    long opened() {
        return opened.get();
    }

    /** Fails when one was closed that was not open. */
    void check() {
        String first = Objects.requireNonNull(wrong.get());
        Row.check(first.isEmpty(), first);
    }
}
