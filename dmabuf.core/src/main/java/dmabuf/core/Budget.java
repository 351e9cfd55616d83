// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.spi.Memory;
import dmabuf.core.quota.Amount;
import dmabuf.core.quota.Charge;
import java.util.List;

/** What pays for the memory of one request: the quotas of who asked, and the cap on all storage. Both, or none. */
final class Budget {
    private final Cap cap;
    private final Charge charge;

    Budget(Cap cap, Charge charge) {
        this.cap = cap;
        this.charge = charge;
    }

    Charge charge() {
        return charge;
    }

    /**
     * Takes what a memory costs: QUOTA or OUT_OF_MEMORY, with nothing taken, where it is too much. The quotas are asked
     * first: an owner that is past its own limit takes nothing of the cap from the others, also for a moment.
     */
    void take(long byteSize) {
        cap.check(byteSize);
        Amount cost = Amount.ofMemory(byteSize);
        charge.take(cost);
        boolean taken = false;
        try {
            cap.take(byteSize);
            taken = true;
        } finally {
            if (!taken) {
                charge.giveBack(cost);
            }
        }
    }

    /** Returns one out of which another one pays from now on: QUOTA, with nothing changed, where that is too much for it. */
    Budget passTo(Charge next, Amount cost) {
        Budget passed = new Budget(cap, next);
        next.take(cost);
        charge.giveBack(cost);
        charge.close();
        return passed;
    }

    /** Gives back what a memory cost that did not come. */
    void giveBack(long byteSize) {
        giveBack(Amount.ofMemory(byteSize));
    }

    /** Gives back what memory cost. */
    void giveBack(Amount cost) {
        cap.giveBack(cost.byteSize());
        charge.giveBack(cost);
    }

    /** Ends it, when everything is given back. */
    void close() {
        charge.close();
    }

    /** Returns what these memories cost. */
    static Amount cost(List<Memory> memories) {
        return new Amount(memories.stream().mapToLong(Memory::byteSize).sum(), memories.size());
    }
}
