// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static checkers.input.Documented.check;

import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Mapping;
import dmabuf.api.Segment;
import java.util.ArrayList;
import java.util.List;

/** Holds tables against the limits of their devices, in words of its own: it shares nothing with the runtime's verification. */
final class TableCheck {
    private static final long PAGE = 4096;

    private TableCheck() {}

    /** Fails unless a table is right for a device and a buffer of this size. */
    static void of(Mapping mapping, DmaPath path, long byteSize) {
        if (!mapping.hasTable()) {
            return;
        }
        List<Segment> entries = mapping.table().segments();
        DmaConstraints limits = path.constraints();
        long sum = entries.stream().mapToLong(Segment::byteSize).sum();
        check(sum == (byteSize + PAGE - 1) / PAGE * PAGE, "a table of another size: " + sum);
        check(Long.compareUnsigned(entries.size(), limits.maxSegments().orElse(-1)) <= 0, "too many entries: " + entries);
        for (int i = 0; i < entries.size(); i++) {
            Segment entry = entries.get(i);
            long length = i == entries.size() - 1 ? 0 : entry.byteSize();
            check(Long.remainderUnsigned(entry.address(), limits.alignment()) == 0, "not aligned: " + entry);
            check(((entry.address() | length) & (limits.granule() - 1)) == 0, "not in granules: " + entry);
            check(Long.compareUnsigned(entry.byteSize(), limits.maxSegmentSize().orElse(-1)) <= 0, "too long: " + entry);
            limits.segmentBoundary().ifPresent(boundary -> check(
                    ((entry.address() ^ (entry.end() - 1)) & -boundary) == 0, "over a boundary: " + entry));
            check(isReached(path, entry), "out of reach: " + entry);
        }
    }

    /** Device addresses are CPU addresses where there is no window. */
    private static boolean isReached(DmaPath path, Segment entry) {
        return !path.windows().isEmpty()
                || path.constraints().addressRanges().intervals().stream().anyMatch(range -> range.contains(entry.range()));
    }

    /** Fails when two buffers got the same addresses of the board model. */
    static void apart(List<Mapping> mappings, StorageScript script) {
        boolean onePlace = script.devices().size() == 1 && script.devices().getFirst().windows().isEmpty();
        if (script.says("verified") || script.promise().isPresent() || !onePlace) {
            return;
        }
        List<Segment> taken = new ArrayList<>();
        for (Mapping mapping : mappings) {
            for (Segment entry : mapping.table().segments()) {
                check(taken.stream().noneMatch(other -> other.range().intersect(entry.range()).isPresent()), "twice: " + entry);
                taken.add(entry);
            }
        }
    }
}
