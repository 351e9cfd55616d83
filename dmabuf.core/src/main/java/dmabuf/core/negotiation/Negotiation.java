// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.DmaConstraints;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Predicate;

/** Decides whether devices can share a buffer, on which of their ways, and which allocators to ask. */
@SuppressWarnings("DoNotCallSuggester") // filled in by the next commit
public final class Negotiation {
    private Negotiation() {}

    /**
     * Tests, in this order: exclusive (BUSY), combination, size, representability of each device, place for one piece
     * (INCOMPATIBLE), mappers (NO_ALLOCATOR, blames the devices' iommu), candidates (NO_ALLOCATOR, blames every
     * allocator). Choices of alternatives are tried in lexicographic order, devices by name; after 4,096 TOO_COMPLEX.
     *
     * @param members the devices in any order; none is fine, and then every allocator that suits the demand is a
     *     candidate
     */
    public static Outcome negotiate(Collection<Member> members, Demand demand, Surroundings surroundings) {
        throw pending();
    }

    /**
     * Returns the first choice that passes all tests of {@link #negotiate} and this one besides: for a late attach,
     * whether the storage at hand suits it.
     */
    public static Optional<Outcome.Agreed> firstSuiting(
            Collection<Member> members, Demand demand, Surroundings surroundings, Predicate<Outcome.Agreed> suits) {
        throw pending();
    }

    /**
     * Combines without a buffer and so without a size: the first choice of alternatives whose constraints leave
     * something. Exclusive devices, mappers and allocators play no part.
     *
     * @throws dmabuf.api.DmaBufException INCOMPATIBLE with the smallest conflict, or TOO_COMPLEX
     */
    public static DmaConstraints merge(Collection<Member> members, Surroundings surroundings) {
        throw pending();
    }

    private static UnsupportedOperationException pending() {
        return new UnsupportedOperationException("follows in the next commit");
    }
}
