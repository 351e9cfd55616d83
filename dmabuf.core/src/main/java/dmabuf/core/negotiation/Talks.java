// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.DmaConstraints;
import dmabuf.api.Explanation;
import dmabuf.core.negotiation.Outcome.Agreed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** One negotiation: tries the choices of ways in order, and remembers what stood in the way of each. */
final class Talks {
    /** Contract section 3: "after 4,096 tries: TOO_COMPLEX". */
    static final int MAX_TRIES = 4_096;

    private final List<Seat> seats;
    private final Demand demand;
    private final Surroundings surroundings;
    private final Compatibility compatibility;
    private final List<BitSet> exclusive = new ArrayList<>();
    private final List<BitSet> unmapped = new ArrayList<>();
    private Optional<Agreed> withoutCandidate = Optional.empty();
    private boolean lasting = true;

    Talks(Collection<Member> members, Demand demand, Surroundings surroundings) {
        this.seats = seats(members, surroundings);
        this.demand = demand;
        this.surroundings = surroundings;
        this.compatibility = new Compatibility(Optional.of(demand));
    }

    /** Seats the devices by name, so that nothing depends on the order in which they came. */
    static List<Seat> seats(Collection<Member> members, Surroundings surroundings) {
        Member[] byName = members.toArray(Member[]::new);
        Arrays.sort(byName, Member.BY_NAME);
        List<Seat> seats = new ArrayList<>(byName.length);
        for (Member member : byName) {
            seats.add(Seat.of(member, surroundings));
        }
        return seats;
    }

    Outcome outcome() {
        Refusals refusals = new Refusals(seats, Optional.of(demand), surroundings.accessBits());
        Optional<Explanation> atOnce = refusals.exclusive().or(refusals::shared);
        if (atOnce.isPresent()) {
            return new Outcome.Refused(atOnce.get());
        }
        Optional<Agreed> agreed = first(this::hasCandidate);
        if (agreed.isEmpty() && isExcused()) {
            agreed = withoutCandidate;
        }
        return agreed.<Outcome>map(found -> found).orElseGet(() -> new Outcome.Refused(refusal(refusals)));
    }

    /** Returns the first choice that passes all tests but that for a candidate, and this one. */
    Optional<Agreed> first(Predicate<Agreed> suits) {
        Choices choices = new Choices(seats, Optional.of(demand));
        for (int tries = 0; tries < MAX_TRIES && choices.hasNext(); tries++) {
            Optional<Agreed> found = judge(choices.next()).filter(suits);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** Returns whether a choice may do without a candidate: no allocator is present at all, or the buffer waits. */
    boolean isExcused() {
        return surroundings.waitsForAllocator() || surroundings.allocators().isEmpty();
    }

    /** Returns whether the outcome rests on no allocator that failed to answer. */
    boolean isLasting() {
        return lasting;
    }

    private boolean hasCandidate(Agreed agreed) {
        if (!agreed.candidates().isEmpty()) {
            return true;
        }
        withoutCandidate = withoutCandidate.or(() -> Optional.of(agreed));
        return surroundings.allocators().isEmpty();
    }

    private Optional<Agreed> judge(Choices.Choice choice) {
        Optional<DmaConstraints> combined = compatibility.combine(choice.stances());
        if (combined.isEmpty() || isExclusive(choice) || isUnmapped(choice)) {
            return Optional.empty();
        }
        Ballot ballot = Ballot.of(choice.participants(), combined.get(), demand, surroundings);
        lasting &= ballot.lasting();
        return Optional.of(
                new Agreed(choice.participants(), combined.get(), ballot.candidates(), ballot.passedOver()));
    }

    private boolean isExclusive(Choices.Choice choice) {
        BitSet devices = new BitSet();
        for (int seat = 0; seat < choice.stances().size() && seats.size() > 1; seat++) {
            devices.set(seat, choice.stances().get(seat).contribution().isExclusive());
        }
        return isRefusedFor(exclusive, devices);
    }

    private boolean isUnmapped(Choices.Choice choice) {
        BitSet devices = new BitSet();
        for (int seat = 0; seat < choice.participants().size(); seat++) {
            Optional<String> domain = choice.participants().get(seat).path().iommu();
            devices.set(seat, domain.isPresent() && surroundings.mapper(domain.get()).isEmpty());
        }
        return isRefusedFor(unmapped, devices);
    }

    private static boolean isRefusedFor(List<BitSet> reasons, BitSet devices) {
        if (devices.isEmpty()) {
            return false;
        }
        reasons.add(devices);
        return true;
    }

    private Explanation refusal(Refusals refusals) {
        if (refusals.isTooComplex()) {
            return refusals.tooComplex();
        }
        if (withoutCandidate.isPresent()) {
            return refusals.withoutCandidate(withoutCandidate.get());
        }
        if (!unmapped.isEmpty()) {
            return refusals.unmapped(unmapped);
        }
        return exclusive.isEmpty() ? refusals.incompatible() : refusals.exclusive(exclusive);
    }
}
