// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AccessBits;
import dmabuf.api.Attempt;
import dmabuf.api.Blame;
import dmabuf.api.ConstraintField;
import dmabuf.api.Explanation;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.util.ArrayList;
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
        if (seats.size() < 2 || !isSomeExclusive()) {
            return Optional.empty();
        }
        BitSet alone = new BitSet();
        for (int seat = 0; seat < seats.size(); seat++) {
            alone.set(seat, seats.get(seat).isExclusive());
        }
        return Optional.of(exclusive(List.of(alone)));
    }

    private boolean isSomeExclusive() {
        for (Seat seat : seats) {
            if (seat.isExclusive()) {
                return true;
            }
        }
        return false;
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
        return new Explanation(Reason.INCOMPATIBLE, text(blames), blames, List.of(), commonPools(blames));
    }

    private String text(List<Blame> blames) {
        StringBuilder text = new StringBuilder(128);
        for (Blame blame : blames) {
            text.append(text.isEmpty() ? "" : ", ").append(blame).append('=').append(words(blame));
        }
        if (demand.isPresent()) {
            text.append(", size=").append(Quantity.format(demand.get().byteSize()));
        }
        if (choices() > 1) {
            text.append(", on each of ").append(choices()).append(" choices of ways");
        }
        return text.append(": ").append(obstacle(blames).text()).toString();
    }

    /** Returns what stands in the way of the first choice when nothing but the conflict is stated. */
    private Obstacle obstacle(List<Blame> blames) {
        List<Stance> first = new ArrayList<>();
        for (Seat seat : seats) {
            int fields = fields(seat, blames);
            if (fields != 0) {
                first.add(Stance.of(seat.ways().getFirst().keeping(fields), demand));
            }
        }
        return new Compatibility(demand).obstacle(first);
    }

    private static int fields(Seat seat, List<Blame> blames) {
        int fields = 0;
        for (Blame blame : blames) {
            fields |= blame.name().equals(seat.name()) ? Fields.bit(blame.field().orElseThrow()) : 0;
        }
        return fields;
    }

    /** Returns the value, or the values of all ways that state the field. */
    private String words(Blame blame) {
        ConstraintField field = blame.field().orElseThrow();
        Seat seat = seat(blame.name());
        return seat.ways().size() == 1
                ? seat.ways().getFirst().words(field, accessBits)
                : seat.ways().stream()
                        .filter(terms -> Fields.has(terms.stated(), field))
                        .map(terms -> terms.words(field, accessBits))
                        .distinct()
                        .collect(Collectors.joining(" or "));
    }

    private Seat seat(String name) {
        for (Seat seat : seats) {
            if (seat.name().equals(name)) {
                return seat;
            }
        }
        throw new IllegalArgumentException(name + " has no seat");
    }

    /** Where the pools of two parts of one device do not meet, their parent's pools are the change that would fit. */
    private Optional<Blame> commonPools(List<Blame> blames) {
        List<String> parents = new ArrayList<>();
        for (Seat seat : seats) {
            if (Fields.has(fields(seat, blames), ConstraintField.POOLS)) {
                seat.member().parent().ifPresent(parents::add);
            }
        }
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
