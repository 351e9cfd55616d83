// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.Explanation;
import dmabuf.api.FenceState;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The state of a fence, without a buffer. */
class CompletionTest {
    private static final Explanation ONE = Explanation.of(Reason.INVALID, "one");
    private static final Explanation OTHER = Explanation.of(Reason.GONE, "other");
    private static final long LONG = TimeUnit.SECONDS.toNanos(60);

    private static Completion free() {
        return Completion.after(List.of());
    }

    @Test
    void itIsSignalledOnce() {
        Completion completion = free();
        assertThat(completion.state()).isEqualTo(FenceState.PENDING);
        assertThat(completion.signal()).isTrue();
        assertThat(completion.signal()).isFalse();
        assertThat(completion.fail(ONE)).isFalse();
        assertThat(completion.end(ONE)).isFalse();
        assertThat(completion.state()).isEqualTo(FenceState.SIGNALLED);
        assertThat(completion.error()).isEmpty();
    }

    @Test
    void theFirstErrorStays() {
        Completion completion = free();
        assertThat(completion.fail(ONE)).isTrue();
        assertThat(completion.end(OTHER)).isFalse();
        assertThat(completion.signal()).isFalse();
        assertThat(completion.state()).isEqualTo(FenceState.FAILED);
        assertThat(completion.error()).contains(ONE);
    }

    @Test
    void itIsNotSignalledBeforeThoseBeforeIt() {
        Completion first = free();
        Completion second = free();
        Completion last = Completion.after(List.of(first, second));
        assertThat(last.signal()).as("is kept").isTrue();
        assertThat(last.signal()).as("the source has spoken").isFalse();
        assertThat(last.fail(ONE)).as("the source has spoken").isFalse();
        first.signal();
        assertThat(last.state()).isEqualTo(FenceState.PENDING);
        second.signal();
        assertThat(last.state()).isEqualTo(FenceState.SIGNALLED);
    }

    @Test
    void itIsNotSignalledByThoseBeforeIt() {
        Completion first = free();
        Completion last = Completion.after(List.of(first));
        first.signal();
        assertThat(last.state()).isEqualTo(FenceState.PENDING);
        assertThat(last.signal()).isTrue();
        assertThat(last.state()).isEqualTo(FenceState.SIGNALLED);
    }

    @Test
    void itFailsWithTheFirstThatFails() {
        Completion first = free();
        Completion second = free();
        Completion last = Completion.after(List.of(first, second));
        last.signal();
        second.fail(ONE);
        assertThat(last.error()).contains(ONE);
        first.fail(OTHER);
        assertThat(last.error()).contains(ONE);
    }

    @Test
    void whatIsDoneAlreadyCounts() {
        Completion signalled = free();
        signalled.signal();
        Completion failed = free();
        failed.end(ONE);
        assertThat(Completion.after(List.of(signalled)).signal()).isTrue();
        Completion last = Completion.after(List.of(signalled, failed));
        assertThat(last.error()).contains(ONE);
        assertThat(last.signal()).isFalse();
        assertThat(last.await(0)).as("nobody waits for it").isTrue();
    }

    @Test
    void aKeptSignalIsNoProtection() {
        Completion last = Completion.after(List.of(free()));
        last.signal();
        assertThat(last.end(ONE)).isTrue();
        assertThat(last.error()).contains(ONE);
    }

    @Test
    void aLongChainEndsInOneGo() {
        Completion first = free();
        Completion last = first;
        for (int i = 0; i < 100_000; i++) {
            last = Completion.after(List.of(last));
            last.signal();
        }
        first.signal();
        assertThat(last.state()).isEqualTo(FenceState.SIGNALLED);
    }

    /** What somebody does about one end keeps no other from its end, whose deadline may be near. */
    @Test
    void thoseWhoFollowHaveEndedBeforeAnybodyIsTold() {
        Completion first = free();
        Completion second = Completion.after(List.of(first));
        second.signal();
        List<FenceState> seen = new ArrayList<>();
        first.whenDone(() -> seen.add(second.state()));
        first.signal();
        assertThat(seen).containsExactly(FenceState.SIGNALLED);
    }

    @Test
    void anActionThatFailsKeepsNoOtherFromBeingTold() {
        Completion first = free();
        Completion second = Completion.after(List.of(first));
        second.signal();
        List<String> ran = new ArrayList<>();
        first.whenDone(() -> {
            throw new OutOfMemoryError("planted");
        });
        first.whenDone(() -> ran.add("first"));
        second.whenDone(() -> ran.add("second"));
        assertThatThrownBy(first::signal).hasMessage("planted");
        assertThat(ran).containsExactly("first", "second");
        assertThat(second.state()).isEqualTo(FenceState.SIGNALLED);
    }

    @Test
    void everyActionRunsOnceUnlessForgotten() {
        Completion completion = free();
        List<String> ran = new ArrayList<>();
        Runnable forgotten = () -> ran.add("forgotten");
        completion.whenDone(() -> ran.add("early"));
        completion.whenDone(forgotten);
        completion.forget(action -> action == forgotten);
        completion.signal();
        completion.signal();
        completion.whenDone(() -> ran.add("late"));
        assertThat(ran).containsExactly("early", "late");
    }

    @Test
    void waitingOnlyAsks() {
        Completion completion = free();
        assertThat(completion.await(0)).isFalse();
        completion.signal();
        assertThat(completion.await(0)).isTrue();
    }

    @Test
    void anInterruptEndsTheWait() {
        Thread.currentThread().interrupt();
        assertThat(free().await(LONG)).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }

    /** One of several ends it, all actions run once, and all who wait see the same end. */
    @Test
    void oneOfManyEndsIt() throws Exception {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            for (int round = 0; round < 2000; round++) {
                race(threads);
            }
        }
    }

    private static void race(ExecutorService threads) throws Exception {
        Completion before = free();
        Completion completion = Completion.after(List.of(before));
        AtomicInteger told = new AtomicInteger();
        CyclicBarrier start = new CyclicBarrier(6);
        List<Future<Boolean>> ends = List.of(
                threads.submit(at(start, completion::signal)),
                threads.submit(at(start, () -> completion.fail(ONE))),
                threads.submit(at(start, () -> completion.end(OTHER))),
                threads.submit(at(start, () -> before.fail(ONE))),
                threads.submit(at(start, () -> completion.await(LONG))),
                threads.submit(at(start, () -> {
                    completion.whenDone(told::incrementAndGet);
                    return completion.await(LONG);
                })));
        for (Future<Boolean> end : ends) {
            end.get(60, TimeUnit.SECONDS);
        }
        assertThat(completion.state()).isEqualTo(FenceState.FAILED);
        assertThat(completion.error()).isPresent();
        assertThat(told).hasValue(1);
    }

    private static Callable<Boolean> at(CyclicBarrier start, Callable<Boolean> action) {
        return () -> {
            start.await(60, TimeUnit.SECONDS);
            return action.call();
        };
    }
}
