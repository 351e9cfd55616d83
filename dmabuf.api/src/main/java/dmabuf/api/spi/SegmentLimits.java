// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaConstraints;
import dmabuf.api.Quantity;
import dmabuf.api.Segment;
import java.util.ArrayList;
import java.util.List;

/**
 * The limits that one device puts on segments, and the one way in which a table is cut by them. All numbers are
 * unsigned; unlimited is the largest number.
 *
 * @param alignment the alignment of every segment's start, a power of two
 * @param granule the unit of every start and every length but the last, a power of two
 * @param maxSegments the largest count
 * @param maxSegmentSize the largest segment in bytes
 * @param boundary no segment crosses a multiple of it; 2^64-1 for none
 */
public record SegmentLimits(long alignment, long granule, long maxSegments, long maxSegmentSize, long boundary) {
    static final long UNLIMITED = -1L;

    /** Refuses with IllegalArgumentException what is outside a field's domain. */
    public SegmentLimits {
        check(Long.bitCount(alignment) == 1, "alignment", alignment);
        check(Long.bitCount(granule) == 1, "granule", granule);
        check(maxSegments != 0, "maxSegments", maxSegments);
        check(maxSegmentSize != 0, "maxSegmentSize", maxSegmentSize);
        check(Long.bitCount(boundary) == 1 || boundary == UNLIMITED, "boundary", boundary);
    }

    private static void check(boolean allowed, String field, long value) {
        if (!allowed) {
            throw new IllegalArgumentException(field + "=" + Quantity.hex(value) + " is not allowed");
        }
    }

    /** Limits nothing. */
    public static final SegmentLimits NONE = new SegmentLimits(1, 1, UNLIMITED, UNLIMITED, UNLIMITED);

    /** Returns the segment limits in constraints. */
    public static SegmentLimits of(DmaConstraints constraints) {
        return new SegmentLimits(
                constraints.alignment(),
                constraints.granule(),
                constraints.maxSegments().orElse(UNLIMITED),
                constraints.maxSegmentSize().orElse(UNLIMITED),
                constraints.segmentBoundary().orElse(UNLIMITED));
    }

    /** Returns the unit in which segments start: the larger of alignment and granule. */
    public long unit() {
        return Long.compareUnsigned(alignment, granule) >= 0 ? alignment : granule;
    }

    /** Returns the largest usable segment: min of segment size and boundary, rounded down to the unit; may be 0. */
    public long pieceSize() {
        long smaller = Long.compareUnsigned(maxSegmentSize, boundary) <= 0 ? maxSegmentSize : boundary;
        return smaller & -unit();
    }

    /**
     * Returns how many entries one piece of memory takes in this device's table.
     *
     * @throws IllegalArgumentException when {@link #pieceSize()} is 0
     */
    public long count(Segment piece) {
        long size = usablePieceSize();
        long toBoundary = boundary == UNLIMITED ? UNLIMITED : boundary - (piece.address() & (boundary - 1));
        if (Long.compareUnsigned(piece.byteSize(), toBoundary) <= 0) {
            return ceil(piece.byteSize(), size);
        }
        long rest = piece.byteSize() - toBoundary;
        long blocks = Long.divideUnsigned(rest, boundary);
        long tail = Long.remainderUnsigned(rest, boundary);
        return ceil(toBoundary, size) + blocks * ceil(boundary, size) + ceil(tail, size);
    }

    private long usablePieceSize() {
        if (pieceSize() == 0) {
            throw new IllegalArgumentException("no segment fits within " + this);
        }
        return pieceSize();
    }

    /**
     * Cuts one piece of memory into the entries of this device's table, in order, each as long as it can be. They are
     * as many as {@link #count} says: ask it first where that may be too many to hold.
     *
     * @throws IllegalArgumentException when {@link #pieceSize()} is 0
     */
    public List<Segment> cut(Segment piece) {
        List<Segment> entries = new ArrayList<>();
        long size = usablePieceSize();
        long address = piece.address();
        long left = piece.byteSize();
        while (left != 0) {
            long step = Long.compareUnsigned(left, size) < 0 ? left : size;
            long toBoundary = boundary == UNLIMITED ? step : boundary - (address & (boundary - 1));
            step = Long.compareUnsigned(toBoundary, step) < 0 ? toBoundary : step;
            entries.add(new Segment(address, step));
            address += step;
            left -= step;
        }
        return entries;
    }

    private static long ceil(long dividend, long divisor) {
        long quotient = Long.divideUnsigned(dividend, divisor);
        return Long.remainderUnsigned(dividend, divisor) == 0 ? quotient : quotient + 1;
    }
}
