// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Explanation;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Decides whether devices can share a buffer, on which of their ways, and which allocators to ask. */
public final class Negotiation {
    private Negotiation() {}

    /**
     * Tests, in this order: exclusive (BUSY), combination, size, representability of each device, place for one piece
     * (INCOMPATIBLE), mappers (NO_ALLOCATOR, blames the devices' iommu), candidates (NO_ALLOCATOR, blames every
     * allocator). Choices of alternatives are tried in lexicographic order, devices by name; after 4,096 TOO_COMPLEX.
     * When they fail for different reasons, the one that came furthest is told.
     *
     * @param members the devices in any order; none is fine, and then every allocator that suits the demand is a
     *     candidate
     */
    public static Outcome negotiate(Collection<Member> members, Demand demand, Surroundings surroundings) {
        return new Talks(members, demand, surroundings).outcome();
    }

    /**
     * Returns the first choice that passes all tests of {@link #negotiate} and this one besides: for a late attach,
     * whether the storage at hand suits it.
     */
    public static Optional<Outcome.Agreed> firstSuiting(
            Collection<Member> members, Demand demand, Surroundings surroundings, Predicate<Outcome.Agreed> suits) {
        Talks talks = new Talks(members, demand, surroundings);
        return talks.first(choice -> (talks.isExcused() || !choice.candidates().isEmpty()) && suits.test(choice));
    }

    /**
     * Combines without a buffer and so without a size: the first choice of alternatives whose constraints leave
     * something. Exclusive devices, mappers and allocators play no part.
     *
     * @throws DmaBufException INCOMPATIBLE with the smallest conflict, or TOO_COMPLEX
     */
    public static DmaConstraints merge(Collection<Member> members, Surroundings surroundings) {
        List<Seat> seats = Talks.seats(members, surroundings);
        Refusals refusals = new Refusals(seats, Optional.empty(), surroundings.accessBits());
        refusals.shared().ifPresent(Negotiation::refuse);
        Compatibility compatibility = new Compatibility(Optional.empty());
        Choices choices = new Choices(seats, Optional.empty());
        for (int tries = 0; tries < Talks.MAX_TRIES && choices.hasNext(); tries++) {
            Optional<DmaConstraints> combined = compatibility.combine(choices.next().stances());
            if (combined.isPresent()) {
                return combined.get();
            }
        }
        throw new DmaBufException(choices.hasNext() ? refusals.tooComplex() : refusals.incompatible());
    }

    private static void refuse(Explanation explanation) {
        throw new DmaBufException(explanation);
    }
}
