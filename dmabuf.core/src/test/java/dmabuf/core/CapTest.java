// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CapTest {
    private static final int THREADS = 8;
    private static final int ATTEMPTS = 20_000;

    private final Cap cap = new Cap(() -> 8192);

    @Test
    void theLastByteIsGivenAndNotOneMore() {
        cap.take(8191);
        cap.take(1);
        DmaBufException refusal = Bench.refusal(() -> cap.take(1));
        assertThat(refusal.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(refusal).hasMessage("the cap of 8K bytes has no room for 1: 8K are in use");
        assertThat(cap.used()).isEqualTo(8192);
        assertThat(cap.isExceeded()).as("it is full, not more").isFalse();
    }

    /** Whoever has taken all of it is alone. */
    @Test
    void twoThatAskAtOnceDoNotBothGetTheLast() throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        AtomicInteger inside = new AtomicInteger();
        List<Future<Integer>> most = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (int i = 0; i < THREADS; i++) {
                most.add(threads.submit(() -> {
                    start.await();
                    return mostInside(inside);
                }));
            }
        }
        for (Future<Integer> seen : most) {
            assertThat(seen.get()).isLessThanOrEqualTo(1);
        }
        assertThat(cap.used()).isZero();
    }

    private int mostInside(AtomicInteger inside) {
        int most = 0;
        for (int i = 0; i < ATTEMPTS; i++) {
            if (Bench.isGiven(() -> cap.take(8192))) {
                most = Math.max(most, inside.incrementAndGet());
                inside.decrementAndGet();
                cap.giveBack(8192);
            }
        }
        return most;
    }
}
