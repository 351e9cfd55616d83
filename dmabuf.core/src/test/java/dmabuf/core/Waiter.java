// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.DmaBufException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A call on a thread of its own that waits by now. */
record Waiter<T>(Thread thread, CompletableFuture<T> result) {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    static <T> Waiter<T> of(Supplier<T> call) {
        return of(call, _ -> true);
    }

    /** A call that waits in this class by now, and not for an answer of somebody else, which is a wait, too. */
    static <T> Waiter<T> in(Class<?> where, Supplier<T> call) {
        return of(call, thread -> Arrays.stream(thread.getStackTrace())
                .map(StackTraceElement::getClassName)
                .filter(name -> name.startsWith("dmabuf.core."))
                .findFirst()
                .equals(Optional.of(where.getName())));
    }

    private static <T> Waiter<T> of(Supplier<T> call, Predicate<Thread> isThere) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().daemon(true).start(() -> result.completeAsync(call, Runnable::run));
        long end = System.nanoTime() + LIMIT.toNanos();
        while ((thread.getState() != Thread.State.TIMED_WAITING || !isThere.test(thread)) && System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
        assertThat(result).as("the call waits").isNotDone();
        return new Waiter<>(thread, result);
    }

    T answer() throws Exception {
        return result.get(60, TimeUnit.SECONDS);
    }

    DmaBufException refusal() {
        Throwable thrown = result.handle((_, error) -> error).join();
        return (DmaBufException) (thrown.getCause() == null ? thrown : thrown.getCause());
    }
}
