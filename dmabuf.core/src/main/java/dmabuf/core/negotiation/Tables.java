// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.SgTable;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;

/** Cuts each device's own scatter-gather table from the one storage. */
public final class Tables {
    /** More entries than this are refused by {@link Verification}: tables are held in memory. */
    static final long MAX_ENTRIES = 1L << 20;

    private Tables() {}

    /** Joins adjacent segments in the order given, never backwards. */
    public static List<Segment> join(List<Segment> segments) {
        List<Segment> joined = new ArrayList<>();
        for (Segment next : segments) {
            if (!joined.isEmpty() && isFollowedBy(joined.getLast(), next)) {
                Segment last = joined.removeLast();
                joined.add(new Segment(last.address(), last.byteSize() + next.byteSize()));
            } else {
                joined.add(next);
            }
        }
        return List.copyOf(joined);
    }

    /** The end 0 is that of the address space; a joined size of 0 would be all of it, which no segment can state. */
    private static boolean isFollowedBy(Segment last, Segment next) {
        return last.end() == next.address() && last.end() != 0 && last.byteSize() + next.byteSize() != 0;
    }

    /**
     * Returns the table of a directly attached device: joined, split at the edges of bus windows, in device addresses,
     * cut by the device's own limits.
     *
     * @param physical the storage's segments in CPU physical space, verified for this device
     * @throws DmaBufException INVALID when the device does not reach an address
     */
    public static SgTable direct(DmaPath path, List<Segment> physical) {
        List<Segment> pieces = new ArrayList<>();
        AddressRanges reachable = path.reachable();
        for (Segment run : join(physical)) {
            split(run, reachable).forEach(part -> pieces.add(inDeviceSpace(path, part)));
        }
        return cut(path, pieces);
    }

    /**
     * Returns the table of a device behind an IOMMU: the piece that its mapper returned, cut by its own limits.
     *
     * @throws DmaBufException INVALID when the device does not reach an address
     */
    public static SgTable mapped(DmaPath path, Segment ioVirtual) {
        return cut(path, split(ioVirtual, path.reachable()));
    }

    /** Splits a piece where intervals meet, because no segment crosses from one window to another. */
    static List<Segment> split(Segment piece, AddressRanges intervals) {
        List<AddressRange> parts = intervals.intersect(piece.range()).intervals();
        long covered = parts.stream().mapToLong(AddressRange::byteSize).sum();
        if (covered != piece.byteSize()) {
            throw new DmaBufException(Reason.INVALID, piece + " lies outside " + intervals);
        }
        return parts.stream().map(part -> new Segment(part.first(), part.byteSize())).toList();
    }

    static Segment inDeviceSpace(DmaPath path, Segment physical) {
        return new Segment(path.toDevice(physical.address()), physical.byteSize());
    }

    private static SgTable cut(DmaPath path, List<Segment> pieces) {
        SegmentLimits limits = SegmentLimits.of(path.constraints());
        return new SgTable(pieces.stream().flatMap(piece -> limits.cut(piece).stream()).toList());
    }
}
