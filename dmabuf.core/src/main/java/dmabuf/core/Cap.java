// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Counts the bytes of all storage of a core, and keeps them below a limit. */
final class Cap {
    private final LongSupplier limit;
    private final AtomicLong used = new AtomicLong();

    Cap(LongSupplier limit) {
        this.limit = limit;
    }

    /** Takes bytes; OUT_OF_MEMORY, with nothing taken, when they would exceed the limit. */
    void take(long byteSize) {
        long most = limit.getAsLong();
        long before;
        do {
            before = used.get();
            check(byteSize, most, before);
        } while (!used.compareAndSet(before, before + byteSize));
    }

    /** Refuses with OUT_OF_MEMORY what would not fit if nothing were in use; takes nothing. */
    void check(long byteSize) {
        check(byteSize, limit.getAsLong(), 0);
    }

    private void check(long byteSize, long most, long before) {
        if (Long.compareUnsigned(byteSize, Math.max(0, most - before)) > 0) {
            throw new DmaBufException(
                    Reason.OUT_OF_MEMORY,
                    "the cap of " + Quantity.format(most) + " bytes has no room for " + Quantity.format(byteSize)
                            + ": " + Quantity.format(used()) + " are in use");
        }
    }

    /** Returns whether more is in use than the limit allows, which was lowered. */
    boolean isExceeded() {
        return used.get() > limit.getAsLong();
    }

    void giveBack(long byteSize) {
        used.addAndGet(-byteSize);
    }

    long used() {
        return used.get();
    }
}
