// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.core.negotiation.Outcome;

/**
 * Storage that no buffer uses, and for whom it lies ready. Compared by identity.
 *
 * @param storage the storage
 * @param proof what it was verified for
 * @param owner who is charged for it, and may find in it what was left there
 * @param name what the buffer was called: a dma-buf shows it
 * @param since when it was put away, by System.nanoTime
 */
record Kept(Storage storage, Proof proof, Owner owner, String name, long since) implements Stock.Place {
    @Override
    public long byteSize() {
        return storage.memory().byteSize();
    }

    boolean isOf(AllocatorEntry allocator) {
        return storage.allocator().party() == allocator.party();
    }

    /** Returns whether it is what is wanted, whoever wants it. */
    boolean answers(Want want, Outcome.Agreed agreed, Presence presence) {
        return proof.holdsFor(agreed, want.demand(), presence)
                && (name.equals(want.name()) || !storage.memory().isDmaBuf())
                && storage.charge().isCurrent();
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
