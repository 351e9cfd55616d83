// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferRequest;
import dmabuf.core.negotiation.Demand;
import dmabuf.core.quota.Charge;
import java.util.Optional;

/** What storage is wanted, by a buffer or by a dry run. An immutable value. */
sealed class Want {
    private final String name;
    private final Demand demand;
    private final Owner owner;

    /** What is wanted when storage moves. Apart, because each buffer keeps what it wants, and few ever move. */
    private static final class Replacing extends Want {
        private final Charge old;

        Replacing(Want want, Charge old) {
            super(want.name, want.demand, want.owner);
            this.old = old;
        }

        @Override
        Optional<Charge> replaced() {
            return Optional.of(old);
        }
    }

    private Want(String name, Demand demand, Owner owner) {
        this.name = name;
        this.demand = demand;
        this.owner = owner;
    }

    static Want of(String name, BufferRequest request, long pageSize, Owner owner) {
        return new Want(name, Demand.of(request.byteSize(), pageSize, request.alignment(), request.flags()), owner);
    }

    /** Returns the name of the buffer, for messages and for the memory. */
    String name() {
        return name;
    }

    /** Returns the size, alignment and flags. */
    Demand demand() {
        return demand;
    }

    /** Returns who is charged for it: the creator of the buffer. */
    Owner owner() {
        return owner;
    }

    /** Returns what the owner is charged for the storage that gives way to it, when it moves. */
    Optional<Charge> replaced() {
        return Optional.empty();
    }

    /** Returns the same in the place of storage that is given back afterwards. */
    Want replacing(Storage storage) {
        return new Replacing(this, storage.charge());
    }
}
