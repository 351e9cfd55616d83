// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.Attempt;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Explanation;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SegmentLimits;
import java.util.List;

/** How a negotiation ended. */
public sealed interface Outcome {
    /**
     * The devices can share memory.
     *
     * @param participants the devices by name in code points, each with the way that was chosen
     * @param constraints the combination on the physical pages
     * @param candidates the ids of the allocators to ask, in order; empty only where none is present or the buffer
     *     waits
     * @param passedOver why each of the other allocators is no candidate, in the order of selection
     */
    record Agreed(
            List<Participant> participants,
            DmaConstraints constraints,
            List<String> candidates,
            List<Attempt> passedOver)
            implements Outcome {
        /** Copies the lists. */
        public Agreed {
            participants = List.copyOf(participants);
            candidates = List.copyOf(candidates);
            passedOver = List.copyOf(passedOver);
        }

        /** Returns the same with an equal combination in the place of its own. */
        Agreed withConstraints(DmaConstraints equal) {
            return new Agreed(participants, equal, candidates, passedOver);
        }

        /** Returns the segment limits that each directly attached device puts on the physical pages. */
        public List<SegmentLimits> limits() {
            return participants.stream()
                    .filter(participant -> participant.path().iommu().isEmpty())
                    .map(participant -> SegmentLimits.of(participant.path().constraints()))
                    .toList();
        }
    }

    /**
     * They cannot, now.
     *
     * @param explanation why: INCOMPATIBLE, BUSY, NO_ALLOCATOR or TOO_COMPLEX, with the smallest conflict
     */
    record Refused(Explanation explanation) implements Outcome {}
}
