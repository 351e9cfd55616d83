// SPDX-License-Identifier: Apache-2.0
package trials;

import static trials.Row.number;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;

/**
 * Two bundles of workers use their own buffers and each other's, while the allocators of the distribution and two strangers are
 * stopped, started, updated and refreshed. Every byte is compared, no two storages may lie at one place, and in the end all is back.
 */
final class Mixed {
    private static final int THREADS = 32;
    private static final List<String> CREWS = List.of("trials.crew.one", "trials.crew.two");

    /** One allocator of each line can be away at a time. */
    private static final List<List<String>> ALLOCATORS = List.of(
            List.of("allocator.system"), List.of("allocator.contig", "allocator.iommu"), List.of("trials.LowBank", "trials.HighBank"));

    private final Row row;
    private final Gateway gateway;
    private final Failures failures = new Failures();
    private final AtomicInteger swapped = new AtomicInteger();
    private final List<Said> crews = new ArrayList<>();

    private Mixed(Row row, Gateway gateway) throws Exception {
        this.row = row;
        this.gateway = gateway;
        for (String stranger : List.of("LowBank", "HighBank")) {
            gateway.install(InsideBundle.of("trials." + stranger, stranger)).start();
        }
        gateway.context().registerService(ConcurrentMap.class, new ConcurrentHashMap<>(), null);
        for (String name : CREWS) {
            gateway.install(InsideBundle.of(name, "Crew")).start();
            crews.add(gateway.said(name));
        }
    }

    public static void main(String[] arguments) {
        Row.run(row -> {
            try (Gateway gateway = new Gateway()) {
                return new Mixed(row, gateway).run(Scale.of(10_000_000), Scale.of(1_000));
            }
        });
    }

    private String run(int operations, int swaps) throws Exception {
        List<String> memories = Descriptors.memories();
        for (Said crew : crews) {
            crew.to("start " + THREADS / crews.size() + " " + (row.seed() + crews.indexOf(crew)));
        }
        swapAll(operations, swaps);
        crews.forEach(crew -> crew.to("end"));
        failures.check();
        Patience.until(() -> "all is given back: " + crews.getFirst().to("buffers") + " buffers, " + Descriptors.memories(), () ->
                crews.getFirst().to("buffers").equals(0)
                        && crews.getFirst().to("live").equals(0L)
                        && Descriptors.memories().equals(memories));
        crews.forEach(crew -> row.say("refused: " + crew.to("refusals")));
        return number(done()) + " operations, " + number(swapped.get()) + " swaps; 0 leaks, 0 double frees, 0 overlaps, 0 wrong bytes, "
                + "0 undocumented exceptions";
    }

    private long done() {
        return crews.stream().mapToLong(crew -> (Long) crew.to("operations")).sum();
    }

    /** Swaps until both numbers are reached; the swaps are spread over the operations. */
    private void swapAll(int operations, int swaps) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(ALLOCATORS.size())) {
            List<Future<?>> swappers = new ArrayList<>();
            for (List<String> names : ALLOCATORS) {
                List<Bundle> allocators = names.stream().map(gateway::ours).toList();
                Random random = row.random(-1 - swappers.size());
                swappers.add(threads.submit(() -> swap(allocators, random, operations, swaps)));
            }
            for (Future<?> swapper : swappers) swapper.get();
        }
    }

    private @Nullable Void swap(List<Bundle> allocators, Random random, int operations, int swaps) throws Exception {
        while (failures.isEmpty() && (swapped.get() < swaps || done() < operations)) {
            long due = Math.min(operations, (long) operations * swapped.get() / swaps);
            Patience.until("operations go on", () -> done() >= due || !failures.isEmpty());
            swap(allocators.get(random.nextInt(allocators.size())), random);
            int count = swapped.incrementAndGet();
            if (count % 50 == 0) {
                row.say(number(count) + " swaps, " + number(done()) + " operations");
            }
        }
        return null;
    }

    private void swap(Bundle allocator, Random random) throws Exception {
        switch (random.nextInt(3)) {
            case 0 -> {
                allocator.stop();
                allocator.start();
            }
            case 1 -> gateway.update(allocator);
            default -> Refresh.of(gateway.context(), List.of(allocator));
        }
    }
}
