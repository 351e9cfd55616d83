// SPDX-License-Identifier: Apache-2.0
package trials;

import static trials.Row.check;
import static trials.Row.number;

import java.util.List;
import org.osgi.framework.Bundle;

/**
 * Stops the allocator that the storage of very many buffers is of: of idle ones, which move to the next allocator, and of mapped
 * ones, which stay where they are until they are unmapped; others have none yet. Once with each of two real allocators.
 */
final class Stopped {
    private static final long BOUND_MILLIS = 2000;
    private static final List<String> ALLOCATORS = List.of("system", "contig");

    private final Row row;
    private final Gateway gateway;
    private final Said crowd;

    private Stopped(Row row, Gateway gateway) throws Exception {
        this.row = row;
        this.gateway = gateway;
        gateway.install(InsideBundle.of("trials.crowd", "Crowd")).start();
        crowd = gateway.said("crowd");
    }

    public static void main(String[] arguments) {
        Row.run(row -> {
            try (Gateway gateway = new Gateway()) {
                return new Stopped(row, gateway).run(Scale.of(10_000));
            }
        });
    }

    private String run(int buffers) throws Exception {
        List<String> memories = Descriptors.memories();
        long longest = 0;
        for (String allocator : ALLOCATORS) {
            longest = Math.max(longest, round(allocator, buffers));
            Patience.until("the descriptors are back", () -> Descriptors.memories().equals(memories));
        }
        return number(buffers) + " live buffers; stop in " + longest + " ms; descriptors back; every byte intact";
    }

    private long round(String allocator, int buffers) throws Exception {
        fill(allocator, buffers);
        long millis = stop(gateway.ours("allocator." + allocator), allocator);
        crowd.to("verify");
        check(crowd.to("on " + allocator).equals(0L), crowd.to("on " + allocator) + " still have storage of " + allocator);
        crowd.to("free");
        gateway.ours("allocator." + allocator).start();
        return millis;
    }

    /** Makes buffers while the others are away, so that all have storage of one allocator. */
    private void fill(String allocator, int buffers) throws Exception {
        List<String> others = ALLOCATORS.stream().filter(name -> !name.equals(allocator)).toList();
        for (String other : others) gateway.ours("allocator." + other).stop();
        check(crowd.to("fill " + buffers).equals(buffers), "not all were made");
        long backed = (long) buffers - buffers / 3;
        check(crowd.to("on " + allocator).equals(backed), crowd.to("on " + allocator) + " of " + backed + " have storage of " + allocator);
        for (String other : others) gateway.ours("allocator." + other).start();
    }

    private long stop(Bundle allocator, String id) throws Exception {
        long began = System.nanoTime();
        allocator.stop();
        long millis = (System.nanoTime() - began) / 1_000_000;
        long there = (Long) crowd.to("on " + id);
        row.say(id + " stopped in " + millis + " ms; " + there + " buffers are still in its storage");
        check(millis <= BOUND_MILLIS, "the stop took " + millis + " ms");
        return millis;
    }
}
