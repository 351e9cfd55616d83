// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferRequest;
import dmabuf.core.negotiation.Demand;
import dmabuf.core.quota.Charge;
import java.util.Optional;

/**
 * What storage is wanted, by a buffer or by a dry run.
 *
 * @param name the name of the buffer, for messages and for the memory
 * @param demand the size, alignment and flags
 * @param owner who is charged for it: the creator of the buffer
 * @param replaced what the owner is charged for the storage that gives way to it, when it moves
 */
record Want(String name, Demand demand, Owner owner, Optional<Charge> replaced) {
    static Want of(String name, BufferRequest request, long pageSize, Owner owner) {
        Demand demand = Demand.of(request.byteSize(), pageSize, request.alignment(), request.flags());
        return new Want(name, demand, owner, Optional.empty());
    }

    /** Returns the same in the place of storage that is given back afterwards. */
    Want replacing(Storage old) {
        return new Want(name, demand, owner, Optional.of(old.charge()));
    }
}
