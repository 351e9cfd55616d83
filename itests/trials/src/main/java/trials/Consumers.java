// SPDX-License-Identifier: Apache-2.0
package trials;

import static trials.Row.check;
import static trials.Row.number;

import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.osgi.framework.Bundle;

/**
 * Stops a bundle whose threads use buffers, at a random point of their work. All that it had is back within a second, and what
 * the resident has, also of the very buffers of that bundle, stays whole.
 */
final class Consumers {
    private static final String CREW = "trials.crew";
    private static final int THREADS = 4;
    private static final int OPERATIONS = 500;
    private static final long BOUND_MILLIS = 1000;

    private final Row row;
    private final Gateway gateway;
    private final Failures failures = new Failures();
    private final ConcurrentMap<Long, Long> published = new ConcurrentHashMap<>();
    private final Said resident;
    private final Bundle crew;
    private long longest;

    private Consumers(Row row, Gateway gateway) throws Exception {
        this.row = row;
        this.gateway = gateway;
        gateway.install(InsideBundle.of("trials.resident", "Resident")).start();
        resident = gateway.said("resident");
        gateway.context().registerService(ConcurrentMap.class, published, null);
        crew = gateway.install(InsideBundle.of(CREW, "Crew"));
    }

    public static void main(String[] arguments) {
        Row.run(row -> {
            try (Gateway gateway = new Gateway()) {
                return new Consumers(row, gateway).run(Scale.of(2_000));
            }
        });
    }

    private String run(int rounds) throws Exception {
        Random random = row.random(0);
        for (int round = 1; round <= rounds; round++) {
            round(random);
            if (round % 100 == 0) {
                row.say(number(round) + " rounds, the longest took " + longest + " ms");
            }
        }
        return number(rounds) + " rounds; all reclaimed within " + longest + " ms; others untouched";
    }

    private void round(Random random) throws Exception {
        for (String state : List.of("mapped", "idle", "deferred")) resident.to(state);
        List<String> memories = Descriptors.memories();
        crew.start();
        Said workers = gateway.said(CREW);
        workers.to("start " + THREADS + " " + random.nextLong());
        List<Thread> threads = threads();
        long point = random.nextInt(OPERATIONS);
        Patience.until("the consumer works", () -> (Long) workers.to("operations") >= point || !failures.isEmpty());
        int shared = random.nextBoolean() ? share() : 0;
        stop(memories.size() + shared);
        for (Thread thread : threads) thread.join(30_000);
        check(threads.stream().noneMatch(Thread::isAlive), "a thread was not told that its bundle is gone");
        failures.check();
        resident.to("verify");
        published.clear();
        check(resident.to("buffers").equals(0), "still there: " + resident.to("buffers"));
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("worker")).toList();
    }

    /** Lets the resident have one of the consumer's buffers, if it can get one. */
    private int share() {
        return published.entrySet().stream()
                .anyMatch(frame -> resident.to("open " + frame.getKey() + " " + frame.getValue()).equals(true)) ? 1 : 0;
    }

    /** Stops the consumer, and waits until there is nothing but what the resident has. */
    private void stop(int left) throws Exception {
        long began = System.nanoTime();
        crew.stop();
        Patience.until(
                () -> "all is reclaimed: " + resident.to("others") + " buffers, " + Descriptors.memories(),
                () -> resident.to("others").equals(0) && Descriptors.memories().size() == left);
        long millis = (System.nanoTime() - began) / 1_000_000;
        check(millis <= BOUND_MILLIS, "reclaimed after " + millis + " ms");
        longest = Math.max(longest, millis);
    }
}
