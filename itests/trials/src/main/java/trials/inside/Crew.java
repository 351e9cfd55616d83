// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.Exporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * Workers: {@code start THREADS SEED [REST]} lets them begin, with a rest of milliseconds after each frame, {@code end} lets each end its frame and waits for them; {@code operations},
 * {@code frames} and {@code refusals} answer what they did so far. When the bundle is stopped they end as soon as they are told that
 * they are GONE, and give nothing back. What a worker dies of, its thread's handler of uncaught exceptions gets.
 */
public final class Crew implements BundleActivator {
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;
    private volatile boolean stopped;

    @Override
    public void start(BundleContext context) {
        Exporter exporter = Services.exporter(context);
        Bundle bundle = context.getBundle();
        Ledger ledger = new Ledger(published(context), () -> bundle.getState() != Bundle.ACTIVE);
        Services.obey(context, context.getBundle().getSymbolicName(), word -> obey(word, exporter, ledger));
    }

    /** The row knows what all crews have published; without one a crew is alone. */
    @SuppressWarnings("unchecked") // registered by trials.Mixed
    private static ConcurrentMap<Long, Long> published(BundleContext context) {
        ServiceReference<?> reference = context.getServiceReference(ConcurrentMap.class);
        return reference == null ? new ConcurrentHashMap<>() : (ConcurrentMap<Long, Long>) context.getService(reference);
    }

    private Object obey(String words, Exporter exporter, Ledger ledger) {
        String[] word = words.split(" ", -1);
        return switch (word[0]) {
            case "start" -> start(
                    Integer.parseInt(word[1]), Long.parseLong(word[2]), word.length > 3 ? Long.parseLong(word[3]) : 0, exporter, ledger);
            case "operations" -> ledger.operations();
            case "frames" -> ledger.frames();
            case "refusals" -> ledger.refusals();
            case "buffers" -> exporter.buffers().size();
            case "live" -> exporter.allocators().stream().flatMap(info -> info.statistics().stream()).mapToLong(figures -> figures.live()).sum();
            case "end" -> end();
            default -> throw new IllegalArgumentException(words);
        };
    }

    private int start(int count, long seed, long restMillis, Exporter exporter, Ledger ledger) {
        IntStream.range(0, count)
                .mapToObj(number -> new Worker(exporter, new Random(seed * 31 + number), ledger, () -> stopped))
                .forEach(worker -> threads.add(Thread.ofPlatform().name("worker").start(() -> work(worker, restMillis))));
        return count;
    }

    private void work(Worker worker, long restMillis) {
        while (!over && worker.goesOn()) {
            if (restMillis > 0) {
                LockSupport.parkNanos(restMillis * 1_000_000);
            }
        }
        if (!stopped) {
            worker.finish();
        }
    }

    private int end() {
        over = true;
        try {
            for (Thread thread : threads) thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return threads.size();
    }

    @Override
    public void stop(BundleContext context) {
        stopped = true;
    }
}
