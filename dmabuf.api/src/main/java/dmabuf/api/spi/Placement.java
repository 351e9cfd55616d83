// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import java.util.Collection;
import dmabuf.api.Quantity;
import java.util.List;
import java.util.Optional;

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
