// SPDX-License-Identifier: Apache-2.0
package trials;

import static trials.Row.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.osgi.framework.Bundle;

/**
 * A gateway that works at leisure for long, while allocators and whole bundles come and go. Now and then all that works ends, and
 * then there are as many descriptors as in the beginning, and no more memory than before.
 */
final class Soak {
    private static final String CREW = "trials.crew";
    private static final int SAMPLES = 30;
    private static final int THREADS = 2;
    private static final int REST_MILLIS = 40;

    /** What the JVM itself may need more of after a while, in KiB: code that is compiled late, tables that grow once. */
    private static final long SLACK = 6 << 10;

    private final Row row;
    private final Gateway gateway;
    private final Random random;
    private final Failures failures = new Failures();
    private final Bundle crew;
    private final InsideBundle guest = InsideBundle.of("trials.guest", "Guest", List.of("Guest", "Bank", "Pattern", "Services"));
    private final List<Sample> samples = new ArrayList<>();

    /** What is in use when nothing works; memory in KiB. */
    private record Sample(int descriptors, long resident, long heap) {
        static Sample now() throws IOException {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            long resident = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
            return new Sample(Descriptors.all().size(), resident, (runtime.totalMemory() - runtime.freeMemory()) >> 10);
        }
    }

    private Soak(Row row, Gateway gateway) throws Exception {
        this.row = row;
        this.gateway = gateway;
        this.random = row.random(0);
        this.crew = gateway.install(InsideBundle.of(CREW, "Crew"));
    }

    public static void main(String[] arguments) {
        Row.run(row -> {
            try (Gateway gateway = new Gateway()) {
                return new Soak(row, gateway).run(Scale.of(Duration.ofMinutes(10)));
            }
        });
    }

    private String run(Duration duration) throws Exception {
        List<String> memories = Descriptors.memories();
        long began = System.nanoTime();
        for (int sample = 1; sample <= SAMPLES; sample++) {
            work(began + duration.toNanos() * sample / SAMPLES);
            Patience.until("the memory is back: " + Descriptors.memories(), () -> Descriptors.memories().equals(memories));
            samples.add(Sample.now());
            row.say(samples.getLast().toString());
        }
        return duration.toMinutes() + " min; " + isFlat();
    }

    private void work(long until) throws Exception {
        crew.start();
        Said workers = gateway.said(CREW);
        workers.to("start " + THREADS + " " + random.nextLong() + " " + REST_MILLIS);
        do {
            disturb();
            LockSupport.parkNanos(500_000_000);
        } while (System.nanoTime() < until);
        workers.to("end");
        failures.check();
        check(workers.to("buffers").equals(0), "still there: " + workers.to("buffers"));
        crew.stop();
    }

    private void disturb() throws Exception {
        Bundle allocator = gateway.ours(List.of("allocator.system", "allocator.contig", "allocator.iommu").get(random.nextInt(3)));
        allocator.stop();
        Bundle bundle = gateway.install(guest);
        bundle.start();
        allocator.start();
        Leash.remove(gateway.context(), bundle);
    }

    /** Compares the last third with the one before it: by then all has been loaded and compiled that is. */
    private String isFlat() {
        List<Sample> before = samples.subList(SAMPLES / 3, 2 * SAMPLES / 3);
        List<Sample> after = samples.subList(2 * SAMPLES / 3, SAMPLES);
        long descriptors = after.stream().mapToLong(Sample::descriptors).max().orElseThrow();
        check(descriptors <= before.getFirst().descriptors, "descriptors grow: " + samples);
        long resident = middle(after.stream().map(Sample::resident).toList()) - middle(before.stream().map(Sample::resident).toList());
        check(resident <= SLACK, "resident memory grows by " + resident + " KiB: " + samples);
        long heap = middle(after.stream().map(Sample::heap).toList()) - middle(before.stream().map(Sample::heap).toList());
        check(heap <= SLACK, "the heap grows by " + heap + " KiB: " + samples);
        return descriptors + " descriptors; resident memory " + samples.getLast().resident / 1024 + " MiB, " + resident
                + " KiB more in the last third, heap " + heap + " KiB";
    }

    private static long middle(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
