// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AddressRange;
import dmabuf.api.ConstraintField;
import dmabuf.api.DmaConstraints;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tests by which a set of devices, each on one way, is INCOMPATIBLE; contract section 3. Without a demand only the
 * combination is tested.
 */
final class Compatibility {
    private final Optional<Demand> demand;

    Compatibility(Optional<Demand> demand) {
        this.demand = demand;
    }

    /** Returns the combination on the physical pages, or empty when the set is incompatible. */
    Optional<DmaConstraints> combine(List<Stance> set) {
        DmaConstraints all = DmaConstraints.NEUTRAL;
        for (Stance one : set) {
            Optional<DmaConstraints> more = one.obstacle().isPresent() ? Optional.empty() : add(all, one);
            if (more.isEmpty()) {
                return more;
            }
            all = more.get();
        }
        return isPlaceable(set, all) ? Optional.of(all) : Optional.empty();
    }

    /** Adds one device to a combination; empty when something leaves nothing. */
    Optional<DmaConstraints> add(DmaConstraints all, Stance one) {
        return all.tryCombine(one.contribution());
    }

    /**
     * Tests that there is one place for all, when some device needs a single piece. Every device's own start unit and
     * count are honoured; the start is that of a page, because storage is pages.
     */
    boolean isPlaceable(List<Stance> set, DmaConstraints all) {
        if (demand.isEmpty() || !isOnePieceNeeded(set)) {
            return true;
        }
        Demand asked = demand.get();
        List<SegmentLimits> limits = new ArrayList<>(set.size());
        for (Stance one : set) {
            if (one.direct()) {
                limits.add(one.limits());
            }
        }
        long start = Terms.larger(Terms.larger(asked.pageSize(), asked.alignment()), all.granule());
        for (AddressRange free : all.addressRanges().intervals()) {
            if (Placement.lowest(free, asked.storageSize(), start, limits).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOnePieceNeeded(List<Stance> set) {
        for (Stance one : set) {
            if (one.needsOnePiece()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the first test that an incompatible set does not pass. */
    Obstacle obstacle(List<Stance> set) {
        DmaConstraints all = DmaConstraints.NEUTRAL;
        for (Stance one : set) {
            Optional<ConstraintField> contradiction = all.contradiction(one.contribution());
            if (contradiction.isPresent()) {
                return Obstacle.of(contradiction.get());
            }
            all = all.combine(one.contribution());
        }
        return set.stream().flatMap(one -> one.obstacle().stream()).findFirst().orElse(Obstacle.JOINT);
    }
}
