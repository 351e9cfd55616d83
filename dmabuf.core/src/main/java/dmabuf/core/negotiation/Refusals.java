// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AccessBits;
import dmabuf.api.Attempt;
import dmabuf.api.Blame;
import dmabuf.api.ConstraintField;
import dmabuf.api.Explanation;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Says why devices cannot share a buffer: as data, with the smallest conflict, and in words, with the values. */
final class Refusals {
    private final List<Seat> seats;
    private final Optional<Demand> demand;
    private final AccessBits accessBits;

    Refusals(List<Seat> seats, Optional<Demand> demand, AccessBits accessBits) {
        this.seats = seats;
        this.demand = demand;
        this.accessBits = accessBits;
    }

    /** Refuses when several devices meet and one of them shares with nobody, whichever way it takes. */
    Optional<Explanation> exclusive() {
        if (seats.size() < 2) {
            return Optional.empty();
        }
        BitSet alone = new BitSet();
        for (int seat = 0; seat < seats.size(); seat++) {
            alone.set(seat, seats.get(seat).isExclusive());
        }
        return alone.isEmpty() ? Optional.empty() : Optional.of(exclusive(List.of(alone)));
    }

    /** Explains that every otherwise possible choice has a device that shares with nobody. */
    Explanation exclusive(List<BitSet> devices) {
        List<Blame> blames = blames(devices, ConstraintField.EXCLUSIVE);
        String others = seats.stream().map(Seat::name).collect(Collectors.joining(", "));
        return Explanation.of(
                Reason.BUSY,
                blames.getFirst().name() + " is exclusive, it shares with nobody; devices=" + others,
                blames);
    }

    /**
     * Refuses when what the ways of each device have in common already conflicts; contract: "is tested first". With one way
     * each that is the only choice, which is tested anyway.
     */
    Optional<Explanation> shared() {
        if (choices() == 1) {
            return Optional.empty();
        }
        List<Seat> common = seats.stream().map(Seat::shared).toList();
        List<Stance> stances = common.stream().map(seat -> seat.stances(demand).getFirst()).toList();
        if (new Compatibility(demand).combine(stances).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(isTooComplex() ? new Refusals(common, demand, accessBits).incompatible() : incompatible());
    }

    /** Explains that every choice of ways is incompatible. */
    Explanation incompatible() {
        List<Blame> blames = new Conflict(seats, demand).smallest();
        return Explanation.of(Reason.INCOMPATIBLE, text(blames), blames).withFits(commonPools(blames));
    }

    private String text(List<Blame> blames) {
        String values = blames.stream().map(this::words).collect(Collectors.joining(", "));
        List<Stance> first = seats.stream()
                .map(seat -> Stance.of(seat.ways().getFirst().keeping(fields(seat, blames)), demand))
                .toList();
        String asked = demand.map(size -> ", size=" + Quantity.format(size.byteSize())).orElse("");
        String where = choices() == 1 ? "" : ", on each of " + choices() + " choices of ways";
        return values + asked + where + ": " + new Compatibility(demand).obstacle(first).text();
    }

    private static int fields(Seat seat, List<Blame> blames) {
        return Fields.of(blames.stream()
                .filter(blame -> blame.name().equals(seat.name()))
                .flatMap(blame -> blame.field().stream())
                .toList());
    }

    /** Returns {@code device.field=value}, with the values of all ways that state the field. */
    private String words(Blame blame) {
        ConstraintField field = blame.field().orElseThrow();
        return blame + "=" + seats.stream()
                .filter(seat -> seat.name().equals(blame.name()))
                .flatMap(seat -> seat.ways().stream())
                .filter(terms -> Fields.has(terms.stated(), field))
                .map(terms -> terms.words(field, accessBits))
                .distinct()
                .collect(Collectors.joining(" or "));
    }

    /** Where the pools of two parts of one device do not meet, their parent's pools are the change that would fit. */
    private Optional<Blame> commonPools(List<Blame> blames) {
        List<String> parents = seats.stream()
                .filter(seat -> blames.contains(Blame.of(seat.name(), ConstraintField.POOLS)))
                .flatMap(seat -> seat.member().parent().stream())
                .toList();
        return parents.stream()
                .filter(parent -> parents.indexOf(parent) != parents.lastIndexOf(parent))
                .findFirst()
                .map(parent -> Blame.of(parent, ConstraintField.POOLS));
    }

    /** Explains that every compatible choice has a device behind an IOMMU for which no mapper is present. */
    Explanation unmapped(List<BitSet> devices) {
        List<Blame> blames = blames(devices, ConstraintField.IOMMU);
        String domains = blames.stream()
                .map(blame -> blame.name() + " (" + domains(blame.name()) + ")")
                .collect(Collectors.joining(", "));
        return Explanation.of(Reason.NO_ALLOCATOR, "no mapper is present for the IOMMU of " + domains, blames);
    }

    private String domains(String device) {
        return seats.stream()
                .filter(seat -> seat.name().equals(device))
                .flatMap(seat -> seat.member().paths().stream())
                .flatMap(path -> path.iommu().stream())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /** Explains that no allocator is a candidate for the first choice that came so far. */
    Explanation withoutCandidate(Outcome.Agreed agreed) {
        List<Attempt> answers = agreed.passedOver();
        String text = "none of " + answers.size() + " allocators accepts "
                + (seats.isEmpty() ? "the buffer" : seats.stream().map(Seat::name).collect(Collectors.joining(", ")))
                + ": " + answers.stream()
                        .map(answer -> answer.allocator() + " " + answer.text())
                        .collect(Collectors.joining("; "));
        List<Blame> blames = answers.stream().map(answer -> Blame.of(answer.allocator())).toList();
        return Explanation.of(Reason.NO_ALLOCATOR, text, blames).withAttempts(answers);
    }

    boolean isTooComplex() {
        return choices() > Talks.MAX_TRIES;
    }

    Explanation tooComplex() {
        return Explanation.of(
                Reason.TOO_COMPLEX,
                "none of the first " + Talks.MAX_TRIES + " ways of combining the alternatives fits, and there are more;"
                        + " devices with alternatives: "
                        + seats.stream()
                                .filter(seat -> seat.ways().size() > 1)
                                .map(seat -> seat.name() + " (" + seat.ways().size() + ")")
                                .collect(Collectors.joining(", ")));
    }

    /** The number of choices, as far as it matters. */
    private long choices() {
        long product = 1;
        for (Seat seat : seats) {
            product = Math.min(product * seat.ways().size(), Integer.MAX_VALUE);
        }
        return product;
    }

    /** Returns the fewest devices of which one is in each set. */
    private List<Blame> blames(List<BitSet> devices, ConstraintField field) {
        List<BitSet> different = devices.stream().distinct().toList();
        BitSet fewest = HittingSet.smallest(different).orElse(different.getFirst());
        return fewest.stream().mapToObj(seat -> Blame.of(seats.get(seat).name(), field)).toList();
    }
}
