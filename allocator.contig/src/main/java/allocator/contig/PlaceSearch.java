// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Segment;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.FreeSpace;
import dmabuf.api.spi.IdleStorage;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** Where in the free space of a pool a piece goes. */
final class PlaceSearch {
    private PlaceSearch() {}

    /** Returns the best place for a request that nobody else over the same RAM has claimed; it is then claimed. */
    static Optional<Segment> claimed(FreeSpace free, AllocationRequest request) {
        DmaConstraints limits = request.constraints();
        long unit = largest(request.pageSize(), request.alignment(), limits.alignment(), limits.granule());
        List<AddressRange> blocks = free.within(limits.addressRanges());
        Optional<Placement.Place> place = best(blocks, request, unit);
        while (place.isPresent() && !request.claim(place.get().range())) {
            blocks = without(blocks, place.get().range(), unit);
            place = best(blocks, request, unit);
        }
        return place.map(found -> new Segment(found.range().first(), request.storageSize()));
    }

    private static Optional<Placement.Place> best(List<AddressRange> blocks, AllocationRequest request, long unit) {
        return Placement.best(blocks, request.storageSize(), unit, request.limits());
    }

    /** The same blocks but for the one start that is refused: what lies below it may still hold a worse place. */
    private static List<AddressRange> without(List<AddressRange> blocks, AddressRange refused, long unit) {
        List<AddressRange> left = new ArrayList<>();
        for (AddressRange block : blocks) {
            if (!block.contains(refused)) {
                left.add(block);
                continue;
            }
            if (new AddressRange(block.first(), refused.first()).holds(unit + 1)) {
                left.add(new AddressRange(block.first(), refused.last() - 1));
            }
            if (new AddressRange(refused.first(), block.last()).holds(unit + 1)) {
                left.add(new AddressRange(refused.first() + unit, block.last()));
            }
        }
        return left;
    }

    /** Returns the lowest place below a piece that its devices can use, or empty when there is none. */
    static Optional<Segment> lower(FreeSpace free, Segment piece, Footing footing, IdleStorage storage) {
        AddressRanges ranges = footing.ranges();
        long unit = largest(footing.unit(), storage.alignment());
        List<SegmentLimits> limits = new ArrayList<>();
        for (Participant device : storage.devices()) {
            DmaConstraints own = device.path().constraints();
            unit = largest(unit, own.granule());
            if (device.path().iommu().isEmpty()) {
                ranges = ranges.intersect(device.path().reachable());
                limits.add(SegmentLimits.of(own));
            }
        }
        return lowest(free.within(ranges), piece.byteSize(), unit, limits)
                .filter(place -> Long.compareUnsigned(place.first(), piece.address()) < 0)
                .map(place -> new Segment(place.first(), piece.byteSize()));
    }

    private static Optional<AddressRange> lowest(
            List<AddressRange> blocks, long byteSize, long unit, List<SegmentLimits> limits) {
        return blocks.stream()
                .flatMap(block -> Placement.lowest(block, byteSize, unit, limits).stream())
                .findFirst()
                .map(Placement.Place::range);
    }

    private static long largest(long... units) {
        return LongStream.of(units)
                .reduce((a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b)
                .getAsLong();
    }
}
