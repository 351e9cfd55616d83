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

/** What the workers of one bundle have done, and what all workers know of each other. Used by all of them at once. */
final class Ledger {
    private final LongAdder operations = new LongAdder();
    private final LongAdder frames = new LongAdder();
    private final Map<Reason, LongAdder> refusals = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<Long, Segment> inUse = new ConcurrentSkipListMap<>(Long::compareUnsigned);

    /** By the ids of frames that are written no more, what is written in them; of the workers of all bundles. */
    final ConcurrentMap<Long, Long> published;

    Ledger(ConcurrentMap<Long, Long> published) {
        this.published = published;
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
            if (there != null) {
                throw new AssertionError("two storages at " + segment + " and " + there);
            }
            isApart(segment, inUse.lowerEntry(segment.address()));
            isApart(segment, inUse.higherEntry(segment.address()));
        }
    }

    private static void isApart(Segment segment, Map.Entry<Long, Segment> neighbour) {
        if (neighbour != null && segment.range().intersect(neighbour.getValue().range()).isPresent()) {
            throw new AssertionError("overlap of " + segment + " and " + neighbour.getValue());
        }
    }

    /** Takes storage out again, before it is unmapped. */
    void leave(List<Segment> segments) {
        segments.forEach(segment -> inUse.remove(segment.address()));
    }
}
