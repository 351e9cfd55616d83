// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.api.ConstraintField.APERTURE;
import static dmabuf.api.ConstraintField.EXCLUSIVE;
import static dmabuf.api.ConstraintField.IOMMU;
import static dmabuf.api.ConstraintField.POOLS;
import static dmabuf.api.ConstraintField.RANGE;

import dmabuf.api.Blame;
import dmabuf.api.ConstraintField;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Says what a negotiation must answer, by brute force and from the text of the contract, sections 3 and 5: it tries
 * every choice of ways, every page as a place, and every set of fields as the smallest conflict. It shares no line
 * with the code under test; where that computes, this lists.
 */
final class Oracle {
    private final TreeMap<String, List<Card>> devices;
    private final Map<String, MapperFacts> mappers;
    private final List<Stage.Actor> allocators;
    private final boolean waits;
    private final Demand demand;

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

    /** A field of a device. */
    record Entry(String device, ConstraintField field) {}

    Oracle(
            Map<String, List<Card>> devices, Map<String, MapperFacts> mappers, List<Stage.Actor> allocators,
            boolean waits, Demand demand) {
        this.devices = new TreeMap<>(Oracle::byCodePoints);
        this.devices.putAll(devices);
        this.mappers = mappers;
        this.allocators = allocators;
        this.waits = waits;
        this.demand = demand;
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
                Optional.empty(),
                List.of(),
                choice,
                Optional.of(new OracleSet(views(choice, null), demand).combination()),
                candidates(choice));
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

    private List<OracleDevice> views(List<Integer> choice, Set<Entry> kept) {
        long storage = (demand.byteSize() + Card.PAGE - 1) / Card.PAGE * Card.PAGE;
        List<OracleDevice> views = new ArrayList<>();
        int i = 0;
        for (Map.Entry<String, List<Card>> device : devices.entrySet()) {
            Card card = device.getValue().get(choice.get(i++));
            views.add(new OracleDevice(device.getKey(), card, kept, mappers, storage));
        }
        return views;
    }

    private boolean isIncompatible(List<Integer> choice, Set<Entry> kept) {
        return new OracleSet(views(choice, kept), demand).isIncompatible();
    }

    private List<String> candidates(List<Integer> choice) {
        List<OracleDevice> views = views(choice, null);
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
}
