// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What the workers of one bundle have done, and what all workers know of each other. Used by all of them at once. */
final class Ledger {
    private final LongAdder operations = new LongAdder();
    private final LongAdder frames = new LongAdder();
    private final Map<Reason, LongAdder> refusals = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<Long, Segment> inUse = new ConcurrentSkipListMap<>(Long::compareUnsigned);

    /** By the ids of frames that are written no more, what is written in them; of the workers of all bundles. */
    final ConcurrentMap<Long, Long> published;

    private final BooleanSupplier stopped;

    Ledger(ConcurrentMap<Long, Long> published, BooleanSupplier stopped) {
        this.published = published;
        this.stopped = stopped;
    }

    void operation() {
        operations.increment();
    }

    void frame() {
        frames.increment();
    }

    void refused(Reason reason) {
        refusals.computeIfAbsent(reason, _ -> new LongAdder()).increment();
    }

    /** Returns whether somebody has mapped something now. */
    boolean isBacked() {
        return !inUse.isEmpty();
    }

    long operations() {
        return operations.sum();
    }

    long frames() {
        return frames.sum();
    }

    /** Returns how often which reason was met. */
    String refusals() {
        return new TreeMap<>(refusals).toString();
    }

    /** Enters storage that is mapped and so does not move; fails when some of it is in use elsewhere. */
    void enter(List<Segment> segments) {
        for (Segment segment : segments) {
            Segment there = inUse.putIfAbsent(segment.address(), segment);
            isApart(segment, there);
            isApart(segment, value(inUse.lowerEntry(segment.address())));
            isApart(segment, value(inUse.higherEntry(segment.address())));
        }
    }

    private static @Nullable Segment value(Map.@Nullable Entry<Long, Segment> entry) {
        return entry == null ? null : entry.getValue();
    }

    /**
     * Once the owner is stopping, and before its activator is told, the exporter takes its storage back, and may give it to another
     * of its buffers that is not taken back yet; so what a clash means is asked after it was seen.
     */
    private void isApart(Segment segment, @Nullable Segment other) {
        if (other != null && segment.range().intersect(other.range()).isPresent() && !stopped.getAsBoolean()) {
            throw new AssertionError("overlap of " + segment + " and " + other);
        }
    }

    /** Takes storage out again, before it is unmapped. */
    void leave(List<Segment> segments) {
        segments.forEach(segment -> inUse.remove(segment.address()));
    }
}
