// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AccessBits;
import dmabuf.core.negotiation.Demand;
import dmabuf.core.negotiation.Outcome;
import java.util.List;
import java.util.Map;

/**
 * What storage was verified for. It may serve another buffer without being verified again only where all of it is the same.
 * Who was there is known by the registries' lists, not by the presence, which remembers devices that may have left.
 *
 * @param agreed what the devices agreed on
 * @param demand what the buffer itself asked for
 * @param entries the allocators that were there
 * @param mappers the mappers that were there
 * @param accessBits the names of bits
 */
record Proof(
        Outcome.Agreed agreed, Demand demand, List<AllocatorEntry> entries, Map<String, MapperEntry> mappers,
        AccessBits accessBits) {
    static Proof of(Outcome.Agreed agreed, Demand demand, Presence presence) {
        return new Proof(agreed, demand, presence.entries(), presence.mappers(), presence.accessBits());
    }

    /** Returns whether those are present who were. */
    boolean holdsIn(Presence presence) {
        return presence.consistsOf(entries, mappers, accessBits);
    }

    /** Costs little where the same objects come back, for which equals is only a comparison. */
    boolean holdsFor(Outcome.Agreed otherAgreed, Demand otherDemand, Presence presence) {
        return demand.byteSize() == otherDemand.byteSize()
                && holdsIn(presence)
                && agreed.equals(otherAgreed)
                && demand.equals(otherDemand);
    }
}
