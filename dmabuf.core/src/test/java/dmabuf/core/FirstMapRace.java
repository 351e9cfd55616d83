// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import dmabuf.api.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that map one new buffer after the other, all at the same moment. */
final class FirstMapRace {
    private final Bench bench;
    private final int rounds;
    private final Set<Segment> seen = ConcurrentHashMap.newKeySet();
    private final List<Mapping> mappings = new ArrayList<>();
    private volatile List<Attachment> attachments = List.of();

    /** Races on a bench that has the devices cam and codec. */
    FirstMapRace(Bench bench, int rounds) {
        this.bench = bench;
        this.rounds = rounds;
    }

    void run(int threads) throws InterruptedException, ExecutionException {
        CyclicBarrier start = new CyclicBarrier(threads, this::next);
        CyclicBarrier end = new CyclicBarrier(threads);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Integer>> runners = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                runners.add(pool.submit(runner(start, end)));
            }
            for (Future<Integer> runner : runners) {
                assertThat(runner.get()).isEqualTo(rounds);
            }
        }
        finish();
    }

    /** Puts up the next buffer. */
    private void next() {
        finish();
        try (DmaBuf frame = bench.buffer(4096)) {
            attachments = frame.attach(List.of("cam", "codec"));
        }
    }

    private void finish() {
        assertThat(seen).hasSizeLessThanOrEqualTo(1);
        seen.clear();
        mappings.forEach(Mapping::close);
        mappings.clear();
        attachments.forEach(Attachment::close);
    }

    private Callable<Integer> runner(CyclicBarrier start, CyclicBarrier end) {
        return () -> {
            int round = 0;
            for (; round < rounds; round++) {
                start.await();
                Mapping mapping = attachments.get(round % 2).map(Direction.BIDIRECTIONAL);
                seen.addAll(mapping.table().segments());
                synchronized (mappings) {
                    mappings.add(mapping);
                }
                end.await();
            }
            return round;
        };
    }
}
