// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the bytes of all living memory against the cap. Any thread may call; nothing blocks. */
final class MemoryBudget {
    private final AtomicLong used = new AtomicLong();
    private volatile long capacity;

    MemoryBudget(long capacity) {
        this.capacity = capacity;
    }

    long capacity() {
        return capacity;
    }

    long used() {
        return used.get();
    }

    /** Sets the cap; what is used already stays, even when it is more. */
    void setCapacity(long value) {
        capacity = value;
    }

    /**
     * Takes bytes.
     *
     * @param byteSize unsigned
     * @throws DmaBufException OUT_OF_MEMORY when fewer are left; nothing is taken then
     */
    void take(long byteSize) {
        long before;
        do {
            before = used.get();
            if (Long.compareUnsigned(byteSize, Math.max(0, capacity - before)) > 0) {
                throw new DmaBufException(
                        Reason.OUT_OF_MEMORY,
                        "memory of " + Quantity.format(byteSize) + " exceeds the cap: " + Quantity.format(before)
                                + " of " + Quantity.format(capacity) + " in use (dmabuf.linux capacity)");
            }
        } while (!used.compareAndSet(before, before + byteSize));
    }

    /** Gives bytes back. */
    void give(long byteSize) {
        used.addAndGet(-byteSize);
    }
}
