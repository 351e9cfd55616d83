// SPDX-License-Identifier: Apache-2.0
package doubles;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Sixteen threads that start at once. */
public final class Threads {
    private static final int COUNT = 16;

    private Threads() {}

    /** Runs the same work in each, with a random source of its own; what one of them throws is thrown. */
    public static void race(Consumer<Random> work) throws InterruptedException, ExecutionException {
        CyclicBarrier start = new CyclicBarrier(COUNT);
        try (ExecutorService threads = Executors.newFixedThreadPool(COUNT)) {
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < COUNT; i++) {
                Random random = new Random(i);
                results.add(threads.submit(() -> {
                    start.await();
                    work.accept(random);
                    return null;
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        }
    }
}
