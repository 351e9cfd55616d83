// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A set of intervals of addresses, sorted and disjoint; it may be empty. Neighbouring intervals stay apart, because
 * they may be two windows of a bus and no segment crosses from one window to another. Immutable.
 */
public final class AddressRanges {
    /** All 64-bit addresses in one interval: the neutral value. */
    public static final AddressRanges ALL = new AddressRanges(List.of(AddressRange.ALL));

    /** No address at all. */
    public static final AddressRanges NONE = new AddressRanges(List.of());

    private final List<AddressRange> intervals;

    private AddressRanges(List<AddressRange> intervals) {
        this.intervals = intervals;
    }

    /** Returns the set of these intervals; INVALID when two of them overlap. */
    public static AddressRanges of(Collection<AddressRange> intervals) {
        List<AddressRange> sorted = intervals.stream().sorted().toList();
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i - 1).contains(sorted.get(i).first())) {
                throw new DmaBufException(
                        Reason.INVALID, "ranges " + sorted.get(i - 1) + " and " + sorted.get(i) + " overlap");
            }
        }
        return new AddressRanges(sorted);
    }

    /** Returns the set of one interval. */
    public static AddressRanges of(AddressRange interval) {
        return new AddressRanges(List.of(interval));
    }

    /** Reads intervals separated by commas, or {@code none} for the empty set; INVALID when it is no such list. */
    public static AddressRanges parse(String text) {
        if (text.equals("none")) {
            return NONE;
        }
        return of(Stream.of(text.split(",", -1)).map(AddressRange::parse).toList());
    }

    /** Returns the intervals, ascending. */
    public List<AddressRange> intervals() {
        return intervals;
    }

    /** Returns whether no address is left. */
    public boolean isEmpty() {
        return intervals.isEmpty();
    }

    /** Returns whether one interval holds every address of the given one. */
    public boolean contains(AddressRange range) {
        for (AddressRange interval : intervals) {
            if (interval.contains(range)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the common part: every interval of one set cut by every interval of the other. */
    public AddressRanges intersect(AddressRanges other) {
        if (intervals.size() == 1 && other.intervals.size() == 1) {
            return intersectSingle(other);
        }
        if (equals(ALL) || other.equals(ALL)) {
            return equals(ALL) ? other : this;
        }
        List<AddressRange> common = new ArrayList<>();
        for (AddressRange mine : intervals) {
            for (AddressRange theirs : other.intervals) {
                mine.intersect(theirs).ifPresent(common::add);
            }
        }
        return new AddressRanges(List.copyOf(common)); // ascending and apart, as both of them are
    }

    /** Nearly every set is one interval, and one of them mostly holds the other: then nothing is made. */
    private AddressRanges intersectSingle(AddressRanges other) {
        AddressRange mine = intervals.getFirst();
        AddressRange theirs = other.intervals.getFirst();
        if (mine.contains(theirs)) {
            return other;
        }
        return theirs.contains(mine) ? this : mine.intersect(theirs).map(AddressRanges::of).orElse(NONE);
    }

    /** Returns the common part with one interval. */
    public AddressRanges intersect(AddressRange range) {
        return intersect(of(range));
    }

    /** Returns this set without the addresses of the given interval. */
    public AddressRanges minus(AddressRange hole) {
        List<AddressRange> rest = new ArrayList<>();
        for (AddressRange interval : intervals) {
            if (interval.intersect(hole).isEmpty()) {
                rest.add(interval);
                continue;
            }
            if (Long.compareUnsigned(interval.first(), hole.first()) < 0) {
                rest.add(new AddressRange(interval.first(), hole.first() - 1));
            }
            if (Long.compareUnsigned(hole.last(), interval.last()) < 0) {
                rest.add(new AddressRange(hole.last() + 1, interval.last()));
            }
        }
        return new AddressRanges(List.copyOf(rest));
    }

    /** Returns whether all intervals together hold at least this many bytes. */
    public boolean holds(long byteSize) {
        long missing = byteSize;
        for (AddressRange interval : intervals) {
            if (interval.holds(missing)) {
                return true;
            }
            missing -= interval.byteSize();
        }
        return missing == 0;
    }

    @Override
    public boolean equals(Object other) {
        return other == this || (other instanceof AddressRanges ranges && intervals.equals(ranges.intervals));
    }

    @Override
    public int hashCode() {
        return intervals.hashCode();
    }

    /** Returns the intervals separated by commas, or {@code none}. */
    @Override
    public String toString() {
        return switch (intervals.size()) {
            case 0 -> "none";
            case 1 -> intervals.getFirst().toString();
            default -> intervals.stream().map(AddressRange::toString).collect(Collectors.joining(","));
        };
    }
}
