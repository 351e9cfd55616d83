// SPDX-License-Identifier: Apache-2.0
package trials.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Threads that do something at the same moment, round after round. One that fails ends them all. */
final class Team {
    private static final int LIMIT_SECONDS = 60;

    private final int size;
    private final CyclicBarrier start;
    private final CyclicBarrier end;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /**
     * Makes a team.
     *
     * @param before run by one of them before each round, while all others wait
     * @param after run by one of them after each round, while all others wait
     */
    Team(int size, Runnable before, Runnable after) {
        this.size = size;
        this.start = new CyclicBarrier(size, before);
        this.end = new CyclicBarrier(size, after);
    }

    /** What a member does in a round. */
    interface Part {
        void run(int member, int round) throws Exception;
    }

    /** Whether there is another round; asked between rounds by every member, so that all must get the same answer. */
    interface Going {
        boolean on(int round);
    }

    /** Runs rounds as long as it goes on. */
    void run(Going going, Part part) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(size)) {
            List<Future<?>> members = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                int member = i;
                members.add(threads.submit(() -> {
                    rounds(going, part, member);
                    return member;
                }));
            }
            await(members);
        }
    }

    private void rounds(Going going, Part part, int member) throws Exception {
        try {
            for (int round = 0; going.on(round); round++) {
                meet(start);
                part.run(member, round);
                meet(end);
            }
        } catch (Exception | Error e) {
            failed(e);
            start.reset();
            end.reset();
            throw e;
        }
    }

    /** Waits for the others, unless one of them has failed. */
    private void meet(CyclicBarrier barrier) throws Exception {
        if (failure.get() != null) {
            throw new BrokenBarrierException("another one has failed");
        }
        barrier.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** The first failure is what went wrong; that a barrier broke follows from it. */
    private void failed(Throwable e) {
        failure.accumulateAndGet(e, (had, now) -> had == null || had instanceof BrokenBarrierException ? now : had);
    }

    private void await(List<Future<?>> members) throws InterruptedException {
        for (Future<?> member : members) {
            try {
                member.get();
            } catch (ExecutionException e) {
                failed(Objects.requireNonNullElse(e.getCause(), e));
            }
        }
        Throwable first = failure.get();
        if (first != null) {
            throw new AssertionError(first.toString(), first);
        }
    }
}
