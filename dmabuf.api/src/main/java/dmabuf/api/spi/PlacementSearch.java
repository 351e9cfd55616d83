// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The search behind {@link Placement}. The devices' patterns push the start upwards in turn, each to its own next good
 * one, until all agree or the longest pattern has gone round. That takes a few rounds; the bounds below are for limits
 * that no hardware has.
 */
final class PlacementSearch {
    /** How often starts are pushed upwards, in all, before a search gives up. */
    private static final int MAX_PUSHES = 100_000;

    /** How many combinations of counts {@link #best} looks at before it is content with the lowest place. */
    private static final int MAX_COMBINATIONS = 4_096;

    private final long byteSize;
    private final long step;
    private final AddressRange starts;
    private final List<EntryPattern> patterns;
    private final long[][] permitted;
    private final long period;
    private int pushes;

    private PlacementSearch(long byteSize, long step, AddressRange starts, List<SegmentLimits> devices) {
        this.byteSize = byteSize;
        this.step = step;
        this.starts = starts;
        this.patterns = devices.stream().distinct().map(device -> EntryPattern.of(device, byteSize)).toList();
        this.permitted = patterns.stream().map(EntryPattern::permitted).toArray(long[][]::new);
        this.period = devices.stream()
                .map(SegmentLimits::boundary)
                .filter(boundary -> boundary != SegmentLimits.UNLIMITED)
                .reduce(step, (a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b);
    }

    static Optional<Placement.Place> best(
            AddressRange free, long byteSize, long alignment, List<SegmentLimits> devices) {
        if (isTooSmall(free, byteSize, devices)) {
            return Optional.empty();
        }
        long step = step(alignment, devices);
        return starts(free, byteSize, step).flatMap(starts -> first(starts, byteSize, devices)
                .filter(place -> place.entries() == fewest(byteSize, devices))
                .or(() -> new PlacementSearch(byteSize, step, starts, devices).best(devices)));
    }

    static Optional<Placement.Place> lowest(
            AddressRange free, long byteSize, long alignment, List<SegmentLimits> devices) {
        if (isTooSmall(free, byteSize, devices)) {
            return Optional.empty();
        }
        long step = step(alignment, devices);
        return starts(free, byteSize, step).flatMap(starts -> first(starts, byteSize, devices)
                .or(() -> new PlacementSearch(byteSize, step, starts, devices).lowest(devices)));
    }

    private static boolean isTooSmall(AddressRange free, long byteSize, List<SegmentLimits> devices) {
        for (SegmentLimits device : devices) {
            if (device.pieceSize() == 0) {
                return true;
            }
        }
        return !free.holds(byteSize);
    }

    private static long step(long alignment, List<SegmentLimits> devices) {
        long step = alignment;
        for (SegmentLimits device : devices) {
            step = isLower(step, device.unit()) ? device.unit() : step;
        }
        return step;
    }

    /** Returns the lowest start and the highest that may be asked for. */
    private static Optional<AddressRange> starts(AddressRange free, long byteSize, long step) {
        long first = (free.first() + step - 1) & -step;
        long last = free.last() - (byteSize - 1);
        boolean wrapped = isLower(first, free.first());
        return wrapped || isLower(last, first) ? Optional.empty() : Optional.of(new AddressRange(first, last));
    }

    /** Returns the place at the lowest start if every device's table stays within its count there: then nothing is searched. */
    private static Optional<Placement.Place> first(AddressRange starts, long byteSize, List<SegmentLimits> devices) {
        Segment piece = new Segment(starts.first(), byteSize);
        long entries = 0;
        for (SegmentLimits device : devices) {
            long count = device.count(piece);
            if (isLower(device.maxSegments(), count)) {
                return Optional.empty();
            }
            entries += count;
        }
        return Optional.of(new Placement.Place(AddressRange.ofSize(starts.first(), byteSize), entries));
    }

    private Optional<Placement.Place> best(List<SegmentLimits> devices) {
        return bestStart(devices).map(start -> place(start, devices));
    }

    private Optional<Placement.Place> lowest(List<SegmentLimits> devices) {
        return lowest().map(start -> place(start, devices));
    }

    /** The sum that no place can beat; no device's piece size is 0. */
    static long fewest(long byteSize, List<SegmentLimits> devices) {
        return devices.stream()
                .mapToLong(device -> Long.divideUnsigned(byteSize - 1, device.pieceSize()) + 1)
                .sum();
    }

    private Placement.Place place(long start, List<SegmentLimits> devices) {
        AddressRange range = AddressRange.ofSize(start, byteSize);
        return new Placement.Place(
                range, devices.stream().mapToLong(device -> EntryPattern.of(device, byteSize).count(start)).sum());
    }

    /** Returns the lowest start at which every device stays within the most that it permits. */
    private Optional<Long> lowest() {
        if (Arrays.stream(permitted).anyMatch(counts -> counts.length == 0)) {
            return Optional.empty();
        }
        return lowest(Arrays.stream(permitted).mapToLong(counts -> counts[counts.length - 1]).toArray());
    }

    private Optional<Long> lowest(long[] most) {
        long start = starts.first();
        long before;
        do {
            before = start;
            for (int i = 0; i < most.length; i++) {
                OptionalLong next = patterns.get(i).next(start, step, most[i]);
                boolean isOut = next.isEmpty() || !starts.contains(next.getAsLong())
                        || Long.compareUnsigned(next.getAsLong() - starts.first(), period) >= 0
                        || ++pushes > MAX_PUSHES;
                if (isOut) {
                    return Optional.empty();
                }
                start = next.getAsLong();
            }
        } while (start != before);
        return Optional.of(start);
    }

    /**
     * Tries the combinations of counts with the smallest sum first; the lowest start of the first sum that is
     * possible.
     */
    private Optional<Long> bestStart(List<SegmentLimits> devices) {
        Optional<Long> lowest = lowest();
        if (lowest.isEmpty() || combinations() > MAX_COMBINATIONS) {
            return lowest;
        }
        long[] weights = devices.stream().distinct()
                .mapToLong(device -> devices.stream().filter(device::equals).count())
                .toArray();
        List<Candidate> candidates = candidates(weights);
        Optional<Candidate> found = Optional.empty();
        for (Candidate candidate : candidates) {
            if (found.isPresent() && found.get().sum != candidate.sum) {
                break;
            }
            Optional<Long> start = lowest(candidate.most);
            if (start.isPresent() && (found.isEmpty() || isLower(start.get(), found.get().start))) {
                found = Optional.of(new Candidate(candidate.most, candidate.sum, start.get()));
            }
        }
        return found.map(Candidate::start).or(() -> lowest);
    }

    private static boolean isLower(long a, long b) {
        return Long.compareUnsigned(a, b) < 0;
    }

    private long combinations() {
        long product = 1;
        for (long[] counts : permitted) {
            product = Math.min(product * counts.length, Integer.MAX_VALUE);
        }
        return product;
    }

    /** One count for each device, their weighted sum, and the start that was found. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Candidate(long[] most, long sum, long start) {}

    private List<Candidate> candidates(long[] weights) {
        List<long[]> combinations = new ArrayList<>(List.of(new long[0]));
        for (long[] counts : permitted) {
            List<long[]> longer = new ArrayList<>();
            for (long[] shorter : combinations) {
                Arrays.stream(counts).forEach(count -> longer.add(
                        LongStream.concat(Arrays.stream(shorter), LongStream.of(count)).toArray()));
            }
            combinations = longer;
        }
        return combinations.stream()
                .map(most -> new Candidate(
                        most, IntStream.range(0, most.length).mapToLong(i -> most[i] * weights[i]).sum(), 0))
                .sorted(Comparator.comparing(Candidate::sum, Long::compareUnsigned))
                .toList();
    }
}
