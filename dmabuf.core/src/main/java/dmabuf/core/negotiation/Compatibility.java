// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AddressRange;
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
        List<DmaConstraints> contributions = new ArrayList<>(set.size());
        for (Stance one : set) {
            if (one.obstacle().isPresent()) {
                return Optional.empty();
            }
            contributions.add(one.contribution());
        }
        Optional<DmaConstraints> all = DmaConstraints.tryCombineAll(contributions);
        return all.isPresent() && isPlaceable(set, all.get()) ? all : Optional.empty();
    }

    /** Adds one device to a combination; empty when something leaves nothing. */
    @SuppressWarnings("ReferenceEquality") // another neutral object would only cost more
    Optional<DmaConstraints> add(DmaConstraints all, Stance one) {
        return all == DmaConstraints.NEUTRAL ? Optional.of(one.contribution()) : all.tryCombine(one.contribution());
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
            if (one.terms().direct()) {
                limits.add(one.terms().limits());
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
            Optional<DmaConstraints> more = add(all, one);
            if (more.isEmpty()) {
                return Obstacle.of(all.contradiction(one.contribution()).orElseThrow());
            }
            all = more.get();
        }
        for (Stance one : set) {
            if (one.obstacle().isPresent()) {
                return one.obstacle().get();
            }
        }
        return Obstacle.JOINT;
    }
}
