// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AccessBits;
import java.util.List;
import java.util.Optional;

/** What is present around a negotiation: one snapshot, which answers the same while the negotiation lasts. */
public interface Surroundings {
    /** Returns the facts of the mapper for a domain, or empty when none is present. */
    Optional<MapperFacts> mapper(String domain);

    /** Returns the registered allocators in the order of selection, without those on standby. */
    List<Contender> allocators();

    /** Returns the names of the bits of the access mask. */
    default AccessBits accessBits() {
        return AccessBits.NONE;
    }

    /** Returns whether the buffer was created to wait for an allocator: then a set without a candidate may attach. */
    boolean waitsForAllocator();
}
