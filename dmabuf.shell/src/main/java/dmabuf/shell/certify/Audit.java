// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at storage aspect by aspect, worked out step by step from the request, and throws the first violation. It
 * shares nothing with what the runtime verifies by.
 */
enum Audit {
    /** As many bytes as asked, rounded up to pages. */
    SIZE {
        @Override
        void look(Ask ask, Allocation storage) {
            Violation.unless(
                    storage.byteSize() == ask.storageSize(), ask.toString(),
                    Quantity.format(storage.byteSize()) + " in " + storage.segments(),
                    Quantity.format(ask.storageSize()) + ", the size rounded up to pages");
            Violation.unless(
                    storage.memory().byteSize() >= ask.storageSize(), ask.toString(),
                    "memory of " + Quantity.format(storage.memory().byteSize()),
                    "memory of " + Quantity.format(ask.storageSize()));
        }
    },
    /** Memory of the memory service, still open. */
    MEMORY {
        @Override
        void look(Ask ask, Allocation storage) {
            Violation.unless(
                    ask.owns(storage.memory()), ask.toString(),
                    "memory of " + storage.memory().getClass().getName() + ", source " + storage.memory().source(),
                    "open memory of the request or of the memory service");
        }
    },
    /** Whole pages. */
    PAGES {
        @Override
        void look(Ask ask, Allocation storage) {
            for (Segment segment : storage.segments()) {
                Violation.unless(
                        ((segment.address() | segment.byteSize()) & (ask.pageSize() - 1)) == 0, ask.toString(),
                        "segment " + segment, "whole pages of " + Quantity.format(ask.pageSize()));
            }
        }
    },
    /** The first address. */
    ALIGNMENT {
        @Override
        void look(Ask ask, Allocation storage) {
            long first = storage.segments().getFirst().address();
            Violation.unless(
                    (first & (ask.alignment() - 1)) == 0, ask.toString(), "first address " + Quantity.hex(first),
                    "a multiple of " + Quantity.hex(ask.alignment()));
        }
    },
    /** Every byte where every device reaches. */
    RANGE {
        @Override
        void look(Ask ask, Allocation storage) {
            for (Segment segment : storage.segments()) {
                AddressRanges left = AddressRanges.of(segment.range());
                AddressRanges reached = ask.constraints().addressRanges();
                for (AddressRange interval : reached.intervals()) {
                    left = left.minus(interval);
                }
                Violation.unless(
                        left.isEmpty(), ask.toString(), "segment " + segment + ", of which " + left + " is out of reach",
                        "addresses within " + reached);
            }
        }
    },
    /** No byte twice. */
    APART {
        @Override
        void look(Ask ask, Allocation storage) {
            List<AddressRange> sorted =
                    storage.segments().stream().map(Segment::range).sorted().toList();
            for (int i = 1; i < sorted.size(); i++) {
                Violation.unless(
                        !sorted.get(i - 1).contains(sorted.get(i).first()), ask.toString(),
                        "segments that overlap: " + sorted.get(i - 1) + " and " + sorted.get(i), "every address once");
            }
        }
    },
    /** The table of every device that reaches the memory directly. */
    TABLES {
        @Override
        void look(Ask ask, Allocation storage) {
            List<Segment> runs = runs(storage.segments());
            units(ask, runs, SegmentLimits.of(ask.constraints()));
            for (Participant device : ask.devices()) {
                DmaPath path = device.path();
                if (path.iommu().isEmpty()) {
                    table(ask, runs, SegmentLimits.of(path.constraints()));
                }
            }
        }
    };

    abstract void look(Ask ask, Allocation storage);

    private static void table(Ask ask, List<Segment> runs, SegmentLimits limits) {
        List<Segment> table = new ArrayList<>();
        runs.forEach(run -> cut(run, limits, table));
        units(ask, table, limits);
        Violation.unless(
                Long.compareUnsigned(table.size(), limits.maxSegments()) <= 0, ask.toString(),
                table.size() + " entries for a device: " + few(table),
                "at most " + Long.toUnsignedString(limits.maxSegments()));
    }

    /** Entry by entry, each as long as it can be. */
    private static void cut(Segment run, SegmentLimits limits, List<Segment> table) {
        long unit = Math.max(limits.alignment(), limits.granule());
        long address = run.address();
        long left = run.byteSize();
        while (left > 0) {
            long step = left;
            if (limits.maxSegmentSize() > 0 && limits.maxSegmentSize() < step) {
                step = limits.maxSegmentSize() / unit * unit;
            }
            if (limits.boundary() > 0) {
                step = Math.min(step, limits.boundary() - address % limits.boundary());
            }
            table.add(new Segment(address, step));
            address += step;
            left -= step;
        }
    }

    private static void units(Ask ask, List<Segment> table, SegmentLimits limits) {
        for (int i = 0; i < table.size(); i++) {
            Segment entry = table.get(i);
            Violation.unless(
                    (entry.address() & (limits.alignment() - 1)) == 0, ask.toString(), "a segment at " + entry,
                    "segments at multiples of " + Quantity.hex(limits.alignment()));
            long granular = i == table.size() - 1 ? entry.address() : entry.address() | entry.byteSize();
            Violation.unless(
                    (granular & (limits.granule() - 1)) == 0, ask.toString(), "a segment " + entry,
                    "whole granules of " + Quantity.hex(limits.granule()));
        }
    }

    /** Joins neighbours in the order of the memory, never backwards. */
    private static List<Segment> runs(List<Segment> segments) {
        List<Segment> runs = new ArrayList<>();
        for (Segment segment : segments) {
            boolean joined = !runs.isEmpty() && runs.getLast().end() == segment.address();
            Segment before = joined ? runs.removeLast() : segment;
            runs.add(joined ? new Segment(before.address(), before.byteSize() + segment.byteSize()) : segment);
        }
        return runs;
    }

    private static String few(List<Segment> table) {
        return table.size() <= 4 ? table.toString() : table.subList(0, 4) + " and so on";
    }
}
