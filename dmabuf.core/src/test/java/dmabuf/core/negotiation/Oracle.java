// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.api.ConstraintField.ACCESS;
import static dmabuf.api.ConstraintField.ALIGN;
import static dmabuf.api.ConstraintField.APERTURE;
import static dmabuf.api.ConstraintField.BOUNDARY;
import static dmabuf.api.ConstraintField.DIVISOR;
import static dmabuf.api.ConstraintField.EXCLUSIVE;
import static dmabuf.api.ConstraintField.GRANULE;
import static dmabuf.api.ConstraintField.IOMMU;
import static dmabuf.api.ConstraintField.MAX_SEGMENTS;
import static dmabuf.api.ConstraintField.MAX_SEGMENT_SIZE;
import static dmabuf.api.ConstraintField.MAX_SIZE;
import static dmabuf.api.ConstraintField.MIN_SIZE;
import static dmabuf.api.ConstraintField.POOLS;
import static dmabuf.api.ConstraintField.RANGE;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.Blame;
import dmabuf.api.ConstraintField;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaConstraintsBuilder;
import dmabuf.api.Reason;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Says what a negotiation must answer, by brute force and from the text of the contract, sections 3 and 5: it tries every
 * choice of ways, every page as a place, and every set of fields as the smallest conflict. It shares no line with the
 * code under test; where that computes, this lists.
 */
final class Oracle {
    /** Stands for unlimited, and for the end of the address space: far above all that is drawn. */
    private static final long TOP = 1L << 40;

    private final TreeMap<String, List<Card>> devices;
    private final Map<String, MapperFacts> mappers;
    private final List<Stage.Actor> allocators;
    private final boolean waits;
    private final long byteSize;
    private final long storage;
    private final long alignment;

    /**
     * What must come out.
     *
     * @param reason the reason of a refusal, or empty
     * @param blames the smallest conflict
     * @param ways the chosen way of each device, by name
     * @param constraints the combination
     * @param candidates the ids, in order
     */
    record Verdict(
            Optional<Reason> reason,
            List<Blame> blames,
            List<Integer> ways,
            Optional<DmaConstraints> constraints,
            List<String> candidates) {
        static Verdict refused(Reason reason, List<Blame> blames) {
            return new Verdict(Optional.of(reason), blames, List.of(), Optional.empty(), List.of());
        }
    }

    private record Entry(String device, ConstraintField field) {}

    Oracle(
            Map<String, List<Card>> devices, Map<String, MapperFacts> mappers, List<Stage.Actor> allocators,
            boolean waits, Demand demand) {
        this.devices = new TreeMap<>(Oracle::byCodePoints);
        this.devices.putAll(devices);
        this.mappers = mappers;
        this.allocators = allocators;
        this.waits = waits;
        this.byteSize = demand.byteSize();
        this.storage = (byteSize + Card.PAGE - 1) / Card.PAGE * Card.PAGE;
        this.alignment = demand.alignment();
    }

    private static int byCodePoints(String a, String b) {
        return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
    }

    /** "Order of tests at attach": alone, combination, mapper, candidates. */
    Verdict verdict() {
        List<String> alone = new ArrayList<>();
        devices.forEach((name, cards) -> {
            if (devices.size() > 1 && cards.stream().allMatch(card -> card.exclusive)) {
                alone.add(name);
            }
        });
        if (!alone.isEmpty()) {
            return Verdict.refused(Reason.BUSY, List.of(Blame.of(alone.getFirst(), EXCLUSIVE)));
        }
        List<List<Integer>> passed = choices().stream().filter(choice -> !isIncompatible(choice, null)).toList();
        return passed.isEmpty() ? Verdict.refused(Reason.INCOMPATIBLE, smallestConflict()) : among(passed);
    }

    private Verdict among(List<List<Integer>> compatible) {
        List<Set<Entry>> alone = new ArrayList<>();
        List<Set<Entry>> unmapped = new ArrayList<>();
        Optional<List<Integer>> excused = Optional.empty();
        for (List<Integer> choice : compatible) {
            Set<Entry> exclusive = devicesWhere(choice, EXCLUSIVE, card -> devices.size() > 1 && card.exclusive);
            Set<Entry> missing =
                    devicesWhere(choice, IOMMU, card -> !card.domain.isEmpty() && !mappers.containsKey(card.domain));
            if (!exclusive.isEmpty()) {
                alone.add(exclusive);
            } else if (!missing.isEmpty()) {
                unmapped.add(missing);
            } else if (!candidates(choice).isEmpty() || allocators.isEmpty()) {
                return agreed(choice);
            } else if (excused.isEmpty()) {
                excused = Optional.of(choice);
            }
        }
        if (excused.isPresent()) {
            return waits ? agreed(excused.get()) : Verdict.refused(Reason.NO_ALLOCATOR, everyAllocator());
        }
        return unmapped.isEmpty()
                ? Verdict.refused(Reason.BUSY, fewest(alone))
                : Verdict.refused(Reason.NO_ALLOCATOR, fewest(unmapped));
    }

    private List<Blame> everyAllocator() {
        return allocators.stream().map(actor -> Blame.of(actor.spec().id())).sorted().toList();
    }

    private Verdict agreed(List<Integer> choice) {
        return new Verdict(
                Optional.empty(), List.of(), choice, Optional.of(combination(choice)), candidates(choice));
    }

    private Set<Entry> devicesWhere(
            List<Integer> choice, ConstraintField field, Predicate<Card> condition) {
        Set<Entry> found = new HashSet<>();
        int i = 0;
        for (Map.Entry<String, List<Card>> device : devices.entrySet()) {
            if (condition.test(device.getValue().get(choice.get(i++)))) {
                found.add(new Entry(device.getKey(), field));
            }
        }
        return found;
    }

    /** The smallest set of entries with one in each set; ties by device name. */
    private List<Blame> fewest(List<Set<Entry>> sets) {
        List<Entry> all = sets.stream().flatMap(Set::stream).distinct()
                .sorted((a, b) -> byCodePoints(a.device, b.device))
                .toList();
        for (List<Entry> subset : subsets(all)) {
            if (sets.stream().allMatch(set -> subset.stream().anyMatch(set::contains))) {
                return subset.stream().map(entry -> Blame.of(entry.device, entry.field)).toList();
            }
        }
        throw new AssertionError("no subset of " + all);
    }

    /** All choices, in lexicographic order: one more device on the right of all choices so far. */
    private List<List<Integer>> choices() {
        List<List<Integer>> choices = List.of(List.of());
        for (List<Card> cards : devices.values()) {
            List<List<Integer>> longer = new ArrayList<>();
            for (List<Integer> choice : choices) {
                for (int way = 0; way < cards.size(); way++) {
                    List<Integer> next = new ArrayList<>(choice);
                    next.add(way);
                    longer.add(next);
                }
            }
            choices = longer;
        }
        return choices;
    }

    /** Every set of stated fields, the smallest first, then in order: the first that suffices for a refusal. */
    private List<Blame> smallestConflict() {
        List<Entry> stated = new ArrayList<>();
        devices.forEach((name, cards) -> {
            for (ConstraintField field : ConstraintField.values()) {
                if (cards.stream().anyMatch(card -> isStated(card, field))) {
                    stated.add(new Entry(name, field));
                }
            }
        });
        for (List<Entry> subset : subsets(stated)) {
            Set<Entry> kept = new HashSet<>(subset);
            if (choices().stream().allMatch(choice -> isIncompatible(choice, kept))) {
                return subset.stream().map(entry -> Blame.of(entry.device, entry.field)).toList();
            }
        }
        throw new AssertionError("no conflict among " + stated);
    }

    private boolean isStated(Card card, ConstraintField field) {
        return switch (field) {
            case RANGE -> card.range.length > 0 || card.maskBits > 0 || !card.windows.isEmpty();
            case APERTURE -> card.aperture.length > 0;
            case IOMMU -> mappers.containsKey(card.domain);
            case POOLS -> !card.pools.isEmpty();
            // they only add up, and never leave nothing
            case COHERENT, SECURE, EXCLUSIVE -> false;
            default -> card.numbers.containsKey(field);
        };
    }

    /** All subsets, the smaller first, then in lexicographic order; generated when they are asked for. */
    private static Iterable<List<Entry>> subsets(List<Entry> of) {
        return () -> IntStream.rangeClosed(0, of.size())
                .boxed()
                .flatMap(size -> subsets(of, 0, size))
                .iterator();
    }

    private static Stream<List<Entry>> subsets(List<Entry> of, int from, int size) {
        if (size == 0) {
            return Stream.of(List.of());
        }
        return IntStream.rangeClosed(from, of.size() - size)
                .boxed()
                .flatMap(first -> subsets(of, first + 1, size - 1).map(rest -> {
                    List<Entry> subset = new ArrayList<>(List.of(of.get(first)));
                    subset.addAll(rest);
                    return subset;
                }));
    }

    /** One device on one way, with the fields outside of {@code kept} neutral; null keeps all. */
    private final class View {
        final Card card;
        private final String name;
        private final Set<Entry> kept;

        View(String name, Card card, Set<Entry> kept) {
            this.name = name;
            this.card = card;
            this.kept = kept;
        }

        boolean keeps(ConstraintField field) {
            return kept == null || kept.contains(new Entry(name, field));
        }

        long number(ConstraintField field, long neutral) {
            return keeps(field) ? card.numbers.getOrDefault(field, neutral) : neutral;
        }

        long mask() {
            long mask = number(ACCESS, 0);
            return mask == 0 ? -1 : mask;
        }

        boolean isDirect() {
            return card.domain.isEmpty();
        }

        MapperFacts mapper() {
            MapperFacts facts = mappers.get(card.domain);
            return facts == null || !keeps(IOMMU)
                    ? new MapperFacts(1, AddressRanges.ALL, AddressRange.ALL)
                    : facts;
        }

        long unit() {
            return Math.max(number(ALIGN, 1), number(GRANULE, 1));
        }

        /** "let L be min(max segment size, boundary) rounded down to the larger of its alignment and granule" */
        long largest() {
            long smaller = Math.min(number(MAX_SEGMENT_SIZE, TOP), number(BOUNDARY, TOP));
            return smaller / unit() * unit();
        }

        /** The addresses that the device's own statements leave, in its own space. */
        List<long[]> reach() {
            List<long[]> left = List.of(new long[] {0, TOP});
            if (keeps(RANGE)) {
                long[] issued = {0, card.maskBits == 0 ? TOP : (1L << card.maskBits) - 1};
                left = common(left, through(issued, card.range.length == 0 ? new long[] {0, TOP} : card.range));
            }
            if (keeps(APERTURE) && card.aperture.length > 0) {
                left = common(left, through(card.aperture, new long[] {0, TOP}));
            }
            return left;
        }

        /** "A device address is CPU address - offset of the window that holds it"; behind an IOMMU it is what counts. */
        private List<long[]> through(long[] device, long[] cpu) {
            if (card.windows.isEmpty()) {
                return common(List.of(device), List.of(cpu));
            }
            List<long[]> left = new ArrayList<>();
            for (long[] window : card.windows) {
                long offset = window[1] - window[0];
                List<long[]> seen = common(
                        List.of(new long[] {window[1], window[1] + window[2] - 1}),
                        common(List.of(cpu), List.of(new long[] {device[0] + offset, Math.min(TOP, device[1] + offset)})));
                long back = isDirect() ? 0 : offset;
                seen.forEach(part -> left.add(new long[] {part[0] - back, part[1] - back}));
            }
            return left;
        }

        /** The addresses in which its own table lies. */
        List<long[]> space() {
            return isDirect() ? reach() : common(reach(), intervals(mapper().aperture()));
        }

        /** What it leaves of the physical addresses. */
        List<long[]> physical() {
            return isDirect() ? reach() : intervals(AddressRanges.of(mapper().output()));
        }

        long physicalGranule() {
            return isDirect() ? number(GRANULE, 1) : Math.max(mapper().granule(), number(GRANULE, 1));
        }

        long physicalAlignment() {
            return isDirect() ? number(ALIGN, 1) : 1;
        }

        /** Lays entries one by one. */
        long entries(long start) {
            long left = storage;
            long at = start;
            long count = 0;
            while (left > 0) {
                long boundary = number(BOUNDARY, TOP);
                long step = Math.min(Math.min(left, largest()), boundary - at % boundary);
                at += step;
                left -= step;
                count++;
            }
            return count;
        }
    }

    private static List<long[]> intervals(AddressRanges ranges) {
        return ranges.intervals().stream()
                .map(interval -> new long[] {interval.first(), interval.last() < 0 ? TOP : interval.last()})
                .toList();
    }

    private static List<long[]> common(List<long[]> some, List<long[]> others) {
        List<long[]> common = new ArrayList<>();
        for (long[] a : some) {
            for (long[] b : others) {
                long first = Math.max(a[0], b[0]);
                long last = Math.min(a[1], b[1]);
                if (first <= last) {
                    common.add(new long[] {first, last});
                }
            }
        }
        return common;
    }

    private List<View> views(List<Integer> choice, Set<Entry> kept) {
        List<View> views = new ArrayList<>();
        int i = 0;
        for (Map.Entry<String, List<Card>> device : devices.entrySet()) {
            views.add(new View(device.getKey(), device.getValue().get(choice.get(i++)), kept));
        }
        return views;
    }

    private boolean isIncompatible(List<Integer> choice, Set<Entry> kept) {
        List<View> views = views(choice, kept);
        return views.stream().anyMatch(this::isRefusedAlone) || leavesNothing(views) || hasNoPlace(views);
    }

    private boolean isRefusedAlone(View view) {
        if (byteSize < view.number(MIN_SIZE, 0) || byteSize > view.number(MAX_SIZE, TOP)) {
            return true;
        }
        long count = view.number(MAX_SEGMENTS, TOP);
        if (view.largest() == 0 || Math.min(count, storage) * view.largest() < storage) {
            return true;
        }
        List<long[]> space = view.space();
        long all = space.stream().mapToLong(part -> part[1] - part[0] + 1).sum();
        long piece = (storage + count - 1) / count;
        boolean hasPlace = space.stream().anyMatch(part -> (part[0] + view.unit() - 1) / view.unit() * view.unit()
                <= part[1] - piece + 1);
        return all < storage || !hasPlace || (!view.isDirect() && count == 1 && isTooLargeForVirtual(view));
    }

    /** A mapper returns one piece, in pages of its own; a device of one segment needs it to be one entry. */
    private boolean isTooLargeForVirtual(View view) {
        long step = Math.max(view.unit(), view.mapper().granule());
        return view.space().stream().noneMatch(part -> starts(part, step).anyMatch(at -> view.entries(at) == 1));
    }

    /** Every aligned start of the storage in an interval; of an endless one the first few, after which all repeats. */
    private LongStream starts(long[] interval, long step) {
        long first = (interval[0] + step - 1) / step * step;
        long last = Math.min(interval[1] - storage + 1, first + 2 * Card.SPACE);
        return first > last
                ? LongStream.empty()
                : LongStream.rangeClosed(0, (last - first) / step).map(n -> first + n * step);
    }

    private static boolean leavesNothing(List<View> views) {
        List<long[]> range = List.of(new long[] {0, TOP});
        BigInteger divisor = BigInteger.ONE;
        long align = 1;
        long least = 0;
        long most = TOP;
        long mask = -1;
        Set<String> pools = null;
        for (View view : views) {
            range = common(range, view.physical());
            BigInteger its = BigInteger.valueOf(view.number(DIVISOR, 1));
            divisor = divisor.divide(divisor.gcd(its)).multiply(its);
            align = Math.max(align, view.physicalAlignment());
            least = Math.max(least, view.number(MIN_SIZE, 0));
            most = Math.min(most, view.number(MAX_SIZE, TOP));
            mask &= view.mask();
            if (view.keeps(POOLS) && !view.card.pools.isEmpty()) {
                Set<String> both = new HashSet<>(view.card.pools);
                both.retainAll(pools == null ? view.card.pools : pools);
                pools = both;
            }
        }
        long up = (least + align - 1) / align * align;
        boolean bounds = most != TOP && up > most / align * align;
        return range.isEmpty() || divisor.bitLength() > 64 || bounds || mask == 0 || (pools != null && pools.isEmpty());
    }

    /** "one of its devices needs a single piece and no place for one piece in the common range ..." */
    private boolean hasNoPlace(List<View> views) {
        List<View> direct = views.stream().filter(View::isDirect).toList();
        if (direct.stream().noneMatch(view -> view.number(MAX_SEGMENTS, TOP) == 1)) {
            return false;
        }
        List<long[]> range = List.of(new long[] {0, TOP});
        long step = Math.max(Card.PAGE, alignment);
        for (View view : views) {
            range = common(range, view.physical());
            step = Math.max(step, Math.max(view.physicalGranule(), view.physicalAlignment()));
        }
        long start = step;
        return range.stream().noneMatch(part -> starts(part, start).anyMatch(at ->
                direct.stream().allMatch(view -> view.entries(at) <= view.number(MAX_SEGMENTS, TOP))));
    }

    private List<String> candidates(List<Integer> choice) {
        List<View> views = views(choice, null);
        List<String> candidates = new ArrayList<>();
        for (Stage.Actor actor : allocators) {
            boolean suits = views.stream().allMatch(view -> !actor.rejects().contains(view.name)
                    && (view.card.pools.isEmpty() || view.card.pools.contains(actor.spec().pool().orElse("")))
                    && (actor.spec().bit().isEmpty() || (view.mask() >> actor.spec().bit().getAsInt() & 1) == 1)
                    && (!view.card.secure || actor.spec().secure())
                    && (!view.card.coherent || actor.spec().coherent()));
            if (suits) {
                candidates.add(actor.spec().id());
            }
        }
        return candidates;
    }

    /** The combination by the table of section 3, one field after the other. */
    private DmaConstraints combination(List<Integer> choice) {
        List<View> views = views(choice, null);
        List<View> direct = views.stream().filter(View::isDirect).toList();
        DmaConstraintsBuilder all = DmaConstraints.builder();
        List<long[]> range = List.of(new long[] {0, TOP});
        BigInteger divisor = BigInteger.ONE;
        for (View view : views) {
            range = common(range, view.physical());
            BigInteger its = BigInteger.valueOf(view.number(DIVISOR, 1));
            divisor = divisor.divide(divisor.gcd(its)).multiply(its);
        }
        all.addressRanges(AddressRanges.of(range.stream()
                .map(part -> new AddressRange(part[0], part[1] == TOP ? -1 : part[1]))
                .toList()));
        all.alignment(views.stream().mapToLong(View::physicalAlignment).max().orElse(1));
        all.granule(views.stream().mapToLong(View::physicalGranule).max().orElse(1));
        all.sizeDivisor(divisor.longValue());
        all.accessMask(views.stream().mapToLong(View::mask).reduce(-1, (a, b) -> a & b));
        all.minSize(views.stream().mapToLong(view -> view.number(MIN_SIZE, 0)).max().orElse(0));
        least(views, MAX_SIZE).ifPresent(all::maxSize);
        least(direct, MAX_SEGMENTS).ifPresent(all::maxSegments);
        least(direct, MAX_SEGMENT_SIZE).ifPresent(all::maxSegmentSize);
        least(direct, BOUNDARY).ifPresent(all::segmentBoundary);
        all.coherentRequired(views.stream().anyMatch(view -> view.card.coherent));
        all.secureRequired(views.stream().anyMatch(view -> view.card.secure));
        all.exclusive(views.stream().anyMatch(view -> view.card.exclusive));
        Set<String> pools = new HashSet<>(List.of("p0", "p1", "p2"));
        views.stream().filter(view -> !view.card.pools.isEmpty()).forEach(view -> pools.retainAll(view.card.pools));
        return views.stream().allMatch(view -> view.card.pools.isEmpty())
                ? all.build()
                : all.pools(pools).build();
    }

    private static Optional<Long> least(List<View> views, ConstraintField field) {
        return views.stream().map(view -> view.number(field, TOP)).filter(value -> value != TOP).min(Long::compare);
    }
}
