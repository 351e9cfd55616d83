// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The lock of a buffer: one thread at a time, as often as it likes. */
class BufferLockTest {
    private static final Executor ELSEWHERE = action -> Thread.ofPlatform().daemon(true).start(action);
    private static final long LONG = Duration.ofSeconds(60).toNanos();

    private final BufferLock lock = new BufferLock();

    private boolean isFree() {
        return CompletableFuture.supplyAsync(
                        () -> {
                            boolean entered = lock.tryEnter();
                            if (entered) {
                                lock.leave();
                            }
                            return entered;
                        },
                        ELSEWHERE)
                .join();
    }

    @Test
    void itIsFreeAgainWhenItsHolderHasLeftAsOftenAsItEntered() {
        lock.enter();
        assertThat(lock.tryEnter()).isTrue();
        assertThat(lock.enterWithin(0)).isTrue();
        for (int left = 3; left > 0; left--) {
            assertThat(lock.isMine()).isTrue();
            assertThat(isFree()).isFalse();
            lock.leave();
        }
        assertThat(lock.isMine()).isFalse();
        assertThat(isFree()).isTrue();
    }

    @Test
    void nobodyElseGivesItBack() {
        assertThatThrownBy(lock::leave).isInstanceOf(IllegalMonitorStateException.class);
        lock.enter();
        assertThat(CompletableFuture.runAsync(lock::leave, ELSEWHERE).handle((_, error) -> error).join())
                .hasCauseInstanceOf(IllegalMonitorStateException.class);
        assertThat(isFree()).isFalse();
        lock.leave();
    }

    @Test
    void whoWaitsForItGetsItWhenItIsLeft() throws Exception {
        lock.enter();
        Waiter<Boolean> waiter = Waiter.of(() -> {
            boolean entered = lock.enterWithin(LONG);
            if (entered) {
                lock.leave();
            }
            return entered;
        });
        lock.leave();
        assertThat(waiter.answer()).isTrue();
    }

    @Test
    void whoWaitsForAChangeLeavesItMeanwhileHoweverOftenItEntered() throws Exception {
        AtomicBoolean changed = new AtomicBoolean();
        Waiter<Integer> waiter = Waiter.of(() -> {
            lock.enter();
            lock.enter();
            long end = System.nanoTime() + LONG;
            while (!changed.get() && lock.awaitChange(end)) {
                assertThat(lock.isMine()).isTrue();
            }
            int times = 0;
            for (; lock.isMine(); times++) {
                lock.leave();
            }
            return times;
        });
        assertThat(lock.enterWithin(LONG)).as("it is free while somebody waits for a change").isTrue();
        changed.set(true);
        lock.signal();
        lock.leave();
        assertThat(waiter.answer()).isEqualTo(2);
    }

    @Test
    void itSaysWhetherSomebodyWaitsForHoldersToLetGo() {
        lock.enter();
        assertThat(lock.isVacating()).isFalse();
        lock.setVacating(true);
        assertThat(lock.isVacating()).isTrue();
        lock.setVacating(false);
        assertThat(lock.isVacating()).isFalse();
        lock.leave();
    }
}
