// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Segment;
import dmabuf.api.spi.IdleStorage;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Where in the free space of a pool a piece slides to. */
final class PlaceSearch {
    private PlaceSearch() {}

    /** Returns the lowest place below a piece that its devices can use, or empty when there is none. */
    static Optional<Segment> lower(PoolSpace space, Block piece, IdleStorage storage) {
        Footing footing = Objects.requireNonNull(piece.footing);
        AddressRanges ranges = footing.ranges();
        long unit = Footing.larger(footing.page(), storage.alignment());
        List<SegmentLimits> limits = new ArrayList<>();
        for (Participant device : storage.devices()) {
            DmaConstraints own = device.path().constraints();
            unit = Footing.larger(unit, own.granule());
            if (device.path().iommu().isEmpty()) {
                ranges = ranges.intersect(device.path().reachable());
                limits.add(SegmentLimits.of(own));
            }
        }
        return lowest(space.below(piece, ranges), piece.byteSize, unit, limits)
                .filter(place -> Long.compareUnsigned(place.first(), piece.first) < 0)
                .map(place -> new Segment(place.first(), piece.byteSize));
    }

    private static Optional<AddressRange> lowest(
            List<AddressRange> blocks, long byteSize, long unit, List<SegmentLimits> limits) {
        return blocks.stream()
                .flatMap(block -> Placement.lowest(block, byteSize, unit, limits).stream())
                .findFirst()
                .map(Placement.Place::range);
    }
}
