// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.DmaBufException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls foreign code, and knows which calls are under way, so that another thread can tell one that hangs. What has
 * hung once is not called again.
 */
final class Watch {
    /** More than the second that the runtime gives foreign code, for busy machines. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** What a bundle may take to stop or start. */
    private static final Duration LONG = Duration.ofSeconds(10);

    /** What a method may do besides answering. */
    static final String ANSWER = "an answer, or a DmaBufException with its reason";

    private final Map<Object, Call> running = new ConcurrentHashMap<>();
    private final Set<String> hung = ConcurrentHashMap.newKeySet();

    private record Call(String method, String asked, long since) {
        Duration limit() {
            return method.equals("stop") || method.equals("start") ? LONG : LIMIT;
        }
    }

    /**
     * Calls a method.
     *
     * @param method its name
     * @param asked the call in words
     * @throws DmaBufException what it refused with
     * @throws Violation when it throws anything else, or answers null
     */
    <T> T call(String method, String asked, Supplier<@Nullable T> code) {
        if (hung.contains(method)) {
            throw new Inapplicable(method + " hangs, so it is not called any more");
        }
        Object key = new Object();
        running.put(key, new Call(method, asked, System.nanoTime()));
        try {
            T answer = code.get();
            if (answer == null) {
                throw new Violation(asked, "null", ANSWER);
            }
            return answer;
        } catch (DmaBufException | Violation | Inapplicable e) {
            throw e;
        } catch (Throwable e) {
            throw new Violation(asked, describe(e), ANSWER);
        } finally {
            running.remove(key);
        }
    }

    /** Calls a method that answers nothing. */
    void run(String method, String asked, Runnable code) {
        call(method, asked, () -> {
            code.run();
            return true;
        });
    }

    /** Returns what became of a call that runs too long, or empty. Its method counts as hanging from now on. */
    Optional<Verdict> overdue() {
        long now = System.nanoTime();
        return running.values().stream()
                .filter(call -> now - call.since() > call.limit().toNanos())
                .findFirst()
                .map(call -> {
                    hung.add(call.method());
                    return new Verdict.Failed(
                            call.asked(), "nothing within " + call.limit().toSeconds() + " s", Watch.ANSWER + ", soon");
                });
    }

    /** Throws when something has hung: what the runtime itself would call is then out of our hands. */
    void requireAlive() {
        if (!hung.isEmpty()) {
            throw new Inapplicable(String.join(", ", hung) + " hangs");
        }
    }

    /** Forgets the calls that were left behind. */
    void abandon() {
        running.clear();
    }

    static String describe(Throwable thrown) {
        StackTraceElement[] stack = thrown.getStackTrace();
        return thrown + (stack.length == 0 ? "" : " at " + stack[0]);
    }
}
