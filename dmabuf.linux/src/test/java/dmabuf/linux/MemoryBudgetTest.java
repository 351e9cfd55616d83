// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.DmaBufException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
    private static final int THREADS = 8;
    private static final int ATTEMPTS = 20_000;
    private static final long ALL = 4096;

    private final MemoryBudget budget = new MemoryBudget(ALL);
    private final AtomicInteger inside = new AtomicInteger();

    /** Whoever has taken all of it is alone. */
    @Test
    void twoThatAskAtOnceDoNotBothGetTheLast() throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<Future<Integer>> most = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int i = 0; i < THREADS; i++) {
                most.add(threads.submit(() -> {
                    start.await();
                    return mostInside();
                }));
            }
        }
        for (Future<Integer> seen : most) {
            assertThat(seen.get()).isLessThanOrEqualTo(1);
        }
        assertThat(budget.used()).isZero();
    }

    private int mostInside() {
        int most = 0;
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                budget.take(ALL);
            } catch (DmaBufException _) {
                continue;
            }
            most = Math.max(most, inside.incrementAndGet());
            inside.decrementAndGet();
            budget.give(ALL);
        }
        return most;
    }
}
