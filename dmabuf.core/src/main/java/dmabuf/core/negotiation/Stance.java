// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaConstraints;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.SegmentLimits;
import java.util.List;
import java.util.Optional;

/**
 * One device's part in the tests of a set, worked out once: its terms, and whether they are refused on their own.
 *
 * @param terms what it asks for
 * @param obstacle why it is refused alone
 */
record Stance(Terms terms, Optional<Obstacle> obstacle) {
    static Stance of(Terms terms, Optional<Demand> demand) {
        return new Stance(terms, demand.isPresent() ? alone(terms, demand.get()) : Optional.empty());
    }

    /** Returns what it puts on the physical pages. */
    DmaConstraints contribution() {
        return terms.contribution();
    }

    /** Returns whether it needs the physical pages in a single piece. */
    boolean needsOnePiece() {
        return terms.direct() && terms.limits().maxSegments() == 1;
    }

    /** Tests size and representability of one device alone; contract section 3, "Representable". */
    private static Optional<Obstacle> alone(Terms terms, Demand demand) {
        SegmentLimits limits = terms.limits();
        if (!terms.rest().permitsSize(demand.byteSize())) {
            return Optional.of(Obstacle.SIZE);
        }
        if (limits.pieceSize() == 0) {
            return Optional.of(Obstacle.PIECE);
        }
        if (isProductBelow(limits.maxSegments(), limits.pieceSize(), demand.storageSize())) {
            return Optional.of(Obstacle.COUNT);
        }
        AddressRanges space = terms.space();
        if (!space.holds(demand.storageSize())) {
            return Optional.of(Obstacle.SPACE);
        }
        long segment = ceilDiv(demand.storageSize(), limits.maxSegments());
        if (!holds(space, segment, limits.unit())) {
            return Optional.of(Obstacle.PLACE);
        }
        return terms.direct() || limits.maxSegments() != 1 || fitsIoVirtual(terms, demand)
                ? Optional.empty()
                : Optional.of(Obstacle.JOINT);
    }

    /**
     * The mapper hands out whole pages of its own. Nobody else shares these addresses, so one device is the whole
     * set.
     */
    private static boolean fitsIoVirtual(Terms terms, Demand demand) {
        return terms.space().intervals().stream()
                .anyMatch(interval -> Placement.lowest(
                                interval, demand.storageSize(), terms.mapper().granule(), List.of(terms.limits()))
                        .isPresent());
    }

    private static boolean holds(AddressRanges space, long byteSize, long unit) {
        for (AddressRange interval : space.intervals()) {
            long start = (interval.first() + unit - 1) & -unit;
            if (interval.contains(start) && Long.compareUnsigned(byteSize - 1, interval.last() - start) <= 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean isProductBelow(long count, long byteSize, long limit) {
        return Math.unsignedMultiplyHigh(count, byteSize) == 0
                && Long.compareUnsigned(count * byteSize, limit) < 0;
    }

    private static long ceilDiv(long dividend, long divisor) {
        return Long.divideUnsigned(dividend - 1, divisor) + 1;
    }
}
