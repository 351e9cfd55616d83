// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.Segment;
import java.util.List;
import java.util.Optional;

/**
 * The search behind {@link Placement}. As a piece slides upwards, a device's count only grows, except where the distance
 * to the next boundary becomes a multiple of its piece size or the boundary itself is reached. Only the first aligned
 * address behind each such drop can be better than all before it, and the pattern repeats with the largest boundary.
 */
final class PlacementSearch {
    /** How many addresses are tried before a search gives up; reached only by absurd limits. */
    private static final int MAX_TRIES = 1 << 20;

    private final long byteSize;
    private final long step;
    private final List<SegmentLimits> devices;
    private final AddressRange starts;

    private PlacementSearch(long byteSize, long step, List<SegmentLimits> devices, AddressRange starts) {
        this.byteSize = byteSize;
        this.step = step;
        this.devices = devices;
        this.starts = starts;
    }

    static Optional<Placement.Place> best(
            AddressRange free, long byteSize, long alignment, List<SegmentLimits> devices) {
        return search(free, byteSize, alignment, devices).flatMap(search -> search.run(fewest(byteSize, devices)));
    }

    static Optional<Placement.Place> lowest(
            AddressRange free, long byteSize, long alignment, List<SegmentLimits> devices) {
        return search(free, byteSize, alignment, devices).flatMap(search -> search.run(Long.MAX_VALUE));
    }

    private static Optional<PlacementSearch> search(
            AddressRange free, long byteSize, long alignment, List<SegmentLimits> devices) {
        if (devices.stream().anyMatch(device -> device.pieceSize() == 0) || !free.holds(byteSize)) {
            return Optional.empty();
        }
        long step = alignment;
        for (SegmentLimits device : devices) {
            step = Long.compareUnsigned(device.unit(), step) > 0 ? device.unit() : step;
        }
        long first = (free.first() + step - 1) & -step;
        long last = free.last() - (byteSize - 1);
        boolean wrapped = Long.compareUnsigned(first, free.first()) < 0;
        return wrapped || Long.compareUnsigned(first, last) > 0
                ? Optional.empty()
                : Optional.of(new PlacementSearch(byteSize, step, devices, new AddressRange(first, last)));
    }

    /** The sum that no place can beat; no device's piece size is 0. */
    static long fewest(long byteSize, List<SegmentLimits> devices) {
        return devices.stream()
                .mapToLong(device -> Long.divideUnsigned(byteSize - 1, device.pieceSize()) + 1)
                .sum();
    }

    /** Tries places upwards; stops at the first whose sum is good enough, else answers the best of one period. */
    private Optional<Placement.Place> run(long goodEnough) {
        long period = period();
        long start = starts.first();
        Optional<Placement.Place> best = Optional.empty();
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            Optional<Placement.Place> here = at(start);
            if (here.isPresent() && (best.isEmpty() || here.get().entries() < best.get().entries())) {
                best = here;
                if (here.get().entries() <= goodEnough) {
                    return best;
                }
            }
            long next = nextDrop(start);
            boolean past = Long.compareUnsigned(next, start) <= 0 || !starts.contains(next)
                    || Long.compareUnsigned(next - starts.first(), period) >= 0;
            if (past) {
                return best;
            }
            start = next;
        }
        return best;
    }

    /** The largest boundary, after which all counts repeat; the step when there is none. */
    private long period() {
        long period = step;
        for (SegmentLimits device : devices) {
            boolean larger = Long.compareUnsigned(device.boundary(), period) > 0;
            period = larger && device.boundary() != -1L ? device.boundary() : period;
        }
        return period;
    }

    private Optional<Placement.Place> at(long start) {
        Segment piece = new Segment(start, byteSize);
        long entries = 0;
        for (SegmentLimits device : devices) {
            long count = device.count(piece);
            if (Long.compareUnsigned(count, device.maxSegments()) > 0) {
                return Optional.empty();
            }
            entries += count;
        }
        return Optional.of(new Placement.Place(piece.range(), entries));
    }

    /** The first aligned address above, at or behind which some device's count may drop; 0 when there is none. */
    private long nextDrop(long start) {
        long nearest = -1L;
        for (SegmentLimits device : devices) {
            if (device.boundary() != -1L) {
                long drop = nextDrop(start, device);
                nearest = Long.compareUnsigned(drop - start, nearest - start) < 0 ? drop : nearest;
            }
        }
        return (nearest + step - 1) & -step;
    }

    private static long nextDrop(long start, SegmentLimits device) {
        long toBoundary = device.boundary() - (start & (device.boundary() - 1));
        long whole = Long.divideUnsigned(toBoundary - 1, device.pieceSize()) * device.pieceSize();
        return start + toBoundary - whole;
    }
}
