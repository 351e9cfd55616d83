// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.CpuMode;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** Many threads at once. */
final class ThreadChecks {
    private static final int THREADS = 4;
    private static final int STEPS = 250;

    private ThreadChecks() {}

    static List<Check> all() {
        return List.of(new Check("threads", "threads",
                "all methods may be called from several threads at once; nobody's storage meets another's",
                "Allocator", ThreadChecks::threads));
    }

    /** What the threads of one check share. */
    private record Crowd(
            Bench bench, Participant friend, long piece, CountDownLatch together,
            Queue<RuntimeException> wrong) {
        void join(int number) {
            try {
                together.countDown();
                together.await();
                work(this, number);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                wrong.add(e);
            }
        }
    }

    private static void threads(Bench bench) throws InterruptedException {
        AllocatorStatistics start = bench.statistics();
        long piece = bench.share(8 * THREADS);
        Crowd crowd = new Crowd(
                bench, bench.friend(), piece, new CountDownLatch(THREADS), new ConcurrentLinkedQueue<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            threads.add(Thread.ofPlatform().daemon().name("certify " + i).start(() -> crowd.join(number)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (RuntimeException first : crowd.wrong()) {
            throw first;
        }
        BookChecks.settled(bench.statistics(), start, "when all threads gave back what they had");
    }

    private static void work(Crowd crowd, int number) {
        Bench bench = crowd.bench();
        Deque<Allocation> mine = new ArrayDeque<>();
        for (int step = 0; step < STEPS && crowd.wrong().isEmpty(); step++) {
            Ask ask = new Ask(bench, crowd.piece() - step % 2).of(List.of(crowd.friend()));
            bench.booked(ask).ifPresent(storage -> {
                mark(storage, number);
                mine.addLast(storage);
            });
            bench.match(crowd.friend());
            bench.statistics();
            bench.watch().call("describe", "describe()", () -> bench.allocator().describe());
            if (mine.size() > 4) {
                giveBack(bench, mine.removeFirst(), number);
            }
        }
        mine.forEach(storage -> giveBack(bench, storage, number));
    }

    private static void mark(Allocation storage, int number) {
        try (Arena arena = Arena.ofConfined()) {
            bytes(storage, CpuMode.READ_WRITE, arena).fill((byte) (number + 1));
        }
    }

    private static void giveBack(Bench bench, Allocation storage, int number) {
        try (Arena arena = Arena.ofConfined()) {
            byte came = bytes(storage, CpuMode.READ, arena).get(ValueLayout.JAVA_BYTE, storage.byteSize() - 1);
            Violation.unless(
                    came == number + 1, "storage of one thread, read back", "a byte of thread " + (came - 1),
                    "the bytes of thread " + number);
        }
        bench.release(storage);
    }

    private static MemorySegment bytes(Allocation storage, CpuMode mode, Arena arena) {
        return storage.memory().view(0, storage.byteSize(), mode, arena);
    }
}
