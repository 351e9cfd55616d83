// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The free list of a set: each number is with one at a time. */
class FreeListTest {
    private static final int COUNT = 4;

    private final FreeList free = new FreeList(COUNT);

    @Test
    void theLastThatWasPutBackComesFirst() {
        assertThat(free.pop()).as("none is free at first").isEqualTo(-1);
        IntStream.range(0, COUNT).forEach(free::push);
        assertThat(IntStream.range(0, COUNT + 1).map(_ -> free.pop())).containsExactly(3, 2, 1, 0, -1);
        free.push(2);
        free.push(0);
        assertThat(free.pop()).isZero();
        free.push(3);
        assertThat(IntStream.range(0, 3).map(_ -> free.pop())).containsExactly(3, 2, -1);
    }

    @Test
    void nobodyGetsWhatAnotherOneHas() throws Exception {
        IntStream.range(0, COUNT).forEach(free::push);
        int threads = 4;
        int rounds = 50_000;
        AtomicIntegerArray holders = new AtomicIntegerArray(COUNT);
        AtomicInteger twice = new AtomicInteger();
        CyclicBarrier start = new CyclicBarrier(threads);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            all.add(CompletableFuture.runAsync(
                    () -> {
                        Waiting.on(start);
                        for (int round = 0; round < rounds; round++) {
                            turn(holders, twice, 1 + round % 2);
                        }
                    },
                    Thread.ofPlatform()::start));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        assertThat(twice).as("numbers that two had at once").hasValue(0);
        assertThat(IntStream.range(0, COUNT).map(_ -> free.pop())).containsExactlyInAnyOrder(0, 1, 2, 3);
        assertThat(free.pop()).isEqualTo(-1);
    }

    /** Takes some and puts them back in the order in which they came, so that what lies below the top changes. */
    private void turn(AtomicIntegerArray holders, AtomicInteger twice, int most) {
        List<Integer> taken = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            int number = free.pop();
            if (number >= 0) {
                if (holders.incrementAndGet(number) != 1) {
                    twice.incrementAndGet();
                }
                taken.add(number);
            }
        }
        taken.forEach(number -> {
            holders.decrementAndGet(number);
            free.push(number);
        });
    }
}
