// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.DmaBufException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A call on a thread of its own that waits by now. */
record Waiter<T>(Thread thread, CompletableFuture<T> result) {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    static <T> Waiter<T> of(Supplier<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().daemon(true).start(() -> result.completeAsync(call, Runnable::run));
        long end = System.nanoTime() + LIMIT.toNanos();
        while (thread.getState() != Thread.State.TIMED_WAITING && System.nanoTime() - end < 0) {
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
