// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The RAM of a board that nobody has claimed yet. Not for several threads. */
final class FreeMemory {
    private AddressRanges free;

    /** Starts with all of the given memory; regions may overlap. */
    FreeMemory(Collection<AddressRange> ram) {
        this.free = union(ram);
    }

    /** Returns what is free. */
    AddressRanges ranges() {
        return free;
    }

    /** Takes a region out, wherever it is free. */
    void take(AddressRange region) {
        free = free.minus(region);
    }

    /**
     * Takes the highest aligned free place that lies in one of the given ranges.
     *
     * @param byteSize the size, at least 1
     * @param alignment of the first address, a power of two
     * @return the place, or empty when there is none; then nothing is taken
     */
    Optional<AddressRange> takeHighest(long byteSize, long alignment, AddressRanges within) {
        AddressRanges candidates = free.intersect(within);
        for (AddressRange candidate : candidates.intervals().reversed()) {
            if (candidate.holds(byteSize)) {
                long first = candidate.last() - (byteSize - 1) & -alignment;
                if (Long.compareUnsigned(first, candidate.first()) >= 0) {
                    AddressRange place = AddressRange.ofSize(first, byteSize);
                    take(place);
                    return Optional.of(place);
                }
            }
        }
        return Optional.empty();
    }

    /** Returns whether the second, which begins no lower, continues the first or overlaps it. */
    private static boolean touches(AddressRange low, AddressRange high) {
        return low.contains(high.first()) || low.last() + 1 == high.first();
    }

    /** Returns the union of regions that may overlap or touch. */
    static AddressRanges union(Collection<AddressRange> regions) {
        List<AddressRange> merged = new ArrayList<>();
        for (AddressRange next : regions.stream().sorted().toList()) {
            AddressRange last = merged.isEmpty() ? null : merged.getLast();
            if (last == null || !touches(last, next)) {
                merged.add(next);
            } else if (Long.compareUnsigned(next.last(), last.last()) > 0) {
                merged.set(merged.size() - 1, new AddressRange(last.first(), next.last()));
            }
        }
        return AddressRanges.of(merged);
    }
}
