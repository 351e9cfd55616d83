// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Quantity;
import dmabuf.api.Segment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Finds the place for one contiguous piece of memory inside a free range, for allocators of contiguous memory, for
 * mappers (in I/O virtual space) and for the runtime's own test that a place exists at all.
 */
public final class Placement {
    private Placement() {}

    /**
     * Returns the place with the fewest table entries, summed over the devices, at which every device's table stays
     * within its count; of several the lowest. Both searches are quick whatever the limits: beyond bounds that only
     * absurd ones reach (more than twelve devices with different boundaries, or limits whose patterns agree nowhere
     * near) they answer the lowest place, or none.
     *
     * @param free the addresses that are free
     * @param byteSize the size of the piece, at least 1
     * @param alignment the alignment of its first address, a power of two; the devices' units are honoured besides
     * @param devices the limits of each device
     * @throws IllegalArgumentException when the size is 0 or the alignment is no power of two
     */
    public static Optional<Place> best(
            AddressRange free, long byteSize, long alignment, List<SegmentLimits> devices) {
        check(byteSize, alignment);
        return PlacementSearch.best(free, byteSize, alignment, devices);
    }

    /**
     * Returns the best place of several free blocks; of equal ones the lowest.
     *
     * @param free the free blocks, ascending
     * @param byteSize the size of the piece, at least 1
     * @param alignment the alignment of its first address, a power of two; the devices' units are honoured besides
     * @param devices the limits of each device
     */
    public static Optional<Place> best(
            Collection<AddressRange> free, long byteSize, long alignment, List<SegmentLimits> devices) {
        Optional<Place> best = Optional.empty();
        for (AddressRange block : free) {
            Optional<Place> here = best(block, byteSize, alignment, devices);
            if (here.isPresent() && (best.isEmpty() || here.get().entries < best.get().entries)) {
                best = here;
                if (best.get().entries <= PlacementSearch.fewest(byteSize, devices)) {
                    break;
                }
            }
        }
        return best;
    }

    /**
     * Returns the lowest place at which every device's table stays within its count; parameters as for
     * {@link #best(AddressRange, long, long, List)}.
     */
    public static Optional<Place> lowest(
            AddressRange free, long byteSize, long alignment, List<SegmentLimits> devices) {
        check(byteSize, alignment);
        return PlacementSearch.lowest(free, byteSize, alignment, devices);
    }

    /**
     * Returns the best place for a request in one piece that nobody else over the same RAM has claimed, and claims it.
     * It honours the page, the alignment of the buffer and every device.
     *
     * @param free the free blocks inside the request's address ranges: {@link FreeSpace#within}
     */
    public static Optional<Segment> claimed(Collection<AddressRange> free, AllocationRequest request) {
        DmaConstraints needs = request.constraints();
        long unit = LongStream.of(request.pageSize(), request.alignment(), needs.alignment(), needs.granule())
                .reduce((a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b)
                .getAsLong();
        Collection<AddressRange> blocks = free;
        Optional<Place> place = best(blocks, request.storageSize(), unit, request.limits());
        while (place.isPresent() && !request.claim(place.get().range())) {
            blocks = without(blocks, place.get().range(), unit);
            place = best(blocks, request.storageSize(), unit, request.limits());
        }
        return place.map(found -> new Segment(found.range().first(), request.storageSize()));
    }

    /** The same blocks but for the one start that is refused: what lies below it may still hold a worse place. */
    private static List<AddressRange> without(Collection<AddressRange> blocks, AddressRange refused, long unit) {
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

    private static void check(long byteSize, long alignment) {
        if (byteSize == 0 || Long.bitCount(alignment) != 1) {
            throw new IllegalArgumentException("a piece has at least 1 byte and an alignment that is a power of two:"
                    + " size=" + Quantity.hex(byteSize) + ", alignment=" + Quantity.hex(alignment));
        }
    }

    /**
     * A place.
     *
     * @param range the addresses
     * @param entries the entries of all devices' tables together
     */
    public record Place(AddressRange range, long entries) {}
}
