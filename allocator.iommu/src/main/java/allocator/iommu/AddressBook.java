// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.FreeSpace;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The free I/O virtual addresses of one domain. Each piece takes whole granules and one more behind it, the guard, so
 * that a device that runs past its buffer meets nothing. Guarded by its owner.
 */
final class AddressBook {
    private final AddressRanges aperture;
    private final long granule;
    private final FreeSpace free;

    AddressBook(DomainShape shape) {
        aperture = shape.aperture();
        granule = shape.granule();
        free = FreeSpace.of(withGuards(aperture, granule));
    }

    /** The last piece of an interval has its guard behind the interval, where nothing is ever mapped. */
    private static AddressRanges withGuards(AddressRanges aperture, long granule) {
        List<AddressRange> extended = new ArrayList<>();
        for (AddressRange interval : aperture.intervals()) {
            long first = interval.first();
            if (!extended.isEmpty() && extended.getLast().contains(first)) {
                first = extended.removeLast().first();
            }
            long last = interval.last() + granule;
            extended.add(new AddressRange(first, Long.compareUnsigned(last, interval.last()) < 0 ? -1L : last));
        }
        return AddressRanges.of(extended);
    }

    /** Finds and takes the best place inside the given addresses that a device can use. */
    Optional<Segment> take(long byteSize, AddressRanges reachable, SegmentLimits limits) {
        AddressRanges allowed = aperture.intersect(reachable);
        long guard = withGuard(byteSize) - byteSize;
        List<AddressRange> windows = new ArrayList<>();
        for (AddressRange block : free.within(AddressRanges.ALL)) {
            if (block.holds(guard) && block.byteSize() != guard) {
                AddressRange room = new AddressRange(block.first(), block.last() - guard);
                allowed.intervals().forEach(interval -> room.intersect(interval).ifPresent(windows::add));
            }
        }
        Optional<Segment> place = Placement.best(windows, byteSize, granule, List.of(limits))
                .map(found -> new Segment(found.range().first(), byteSize));
        place.ifPresent(piece -> free.take(AddressRange.ofSize(piece.address(), withGuard(byteSize))));
        return place;
    }

    /** Takes a piece that somebody else found, and its guard; false when a part of them is not free. */
    boolean reserve(Segment piece) {
        boolean isFree = free.isFree(guarded(piece));
        if (isFree) {
            free.take(guarded(piece));
        }
        return isFree;
    }

    /** Gives a piece back. */
    void give(Segment piece) {
        free.give(guarded(piece));
    }

    private AddressRange guarded(Segment piece) {
        return AddressRange.ofSize(piece.address(), withGuard(piece.byteSize()));
    }

    /** Returns the refusal of a piece for which there is no place. */
    DmaBufException refusal(Participant device, long byteSize, String domain) {
        boolean enough = free.holds(withGuard(byteSize));
        return new DmaBufException(
                enough ? Reason.FRAGMENTED : Reason.OUT_OF_MEMORY,
                "no room for " + Quantity.format(byteSize) + " and a guard in domain " + domain + " for "
                        + device.device() + ": " + (enough ? "enough is free, but not in one piece that it reaches"
                                : "too little is free in " + aperture));
    }

    private long withGuard(long byteSize) {
        return ((byteSize + granule - 1) & -granule) + granule;
    }
}
