// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One call's wait for drivers of the kernel that work on the storage; under the buffer's lock, which is free while it
 * waits. Without it, the beginning of a CPU access would wait in the kernel, with the lock and without a bound. A driver
 * that begins between the last look and the beginning is still waited for there: the kernel offers no access that refuses.
 */
final class DriverWait {
    /** How long the call may sleep in the kernel before it looks whether its buffer is still there. */
    static final Duration SLICE = Duration.ofMillis(100);

    private final Buffer buffer;
    private final Optional<FenceUsage> usage;
    private boolean waiting;
    private long end;

    /** Creates the wait of work of a usage; of none, which waits for nothing. */
    DriverWait(Buffer buffer, Optional<FenceUsage> usage) {
        this.buffer = buffer;
        this.usage = usage;
    }

    /** Returns whether no driver is in the way now; of storage that this very call allocated none can be. */
    boolean isOver(Storing.Ready ready) {
        return ready.fresh() || usage.isEmpty() || isOver(ready.storage(), usage.get());
    }

    /** Returns whether drivers have done what work of a usage has to wait for. */
    static boolean isOver(Storage storage, FenceUsage usage) {
        return storage.memory().awaitDrivers(usage, Duration.ZERO);
    }

    /** Refuses what would otherwise wait in the kernel, BUSY, while drivers have work that an access has to wait for. */
    static void refuseAtWork(Buffer buffer, Storage storage, FenceUsage usage) {
        if (!isOver(storage, usage)) {
            throw Vacating.busy(buffer, List.of(), "drivers are at work on it");
        }
    }

    /** Waits for a moment; the caller looks again. */
    void await(Storage storage, boolean trying) {
        if (trying) {
            throw refusal(Reason.BUSY, "drivers are at work on ");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw refusal(Reason.BUSY, "the wait was interrupted while drivers were at work on ");
        }
        if (!waiting) {
            waiting = true;
            end = System.nanoTime() + buffer.patience();
        }
        if (System.nanoTime() - end > 0) {
            throw refusal(Reason.TIMED_OUT, "drivers did not finish within " + Duration.ofNanos(buffer.patience()).toMillis()
                    + " ms with ");
        }
        buffer.lock().whileFree(() -> sleep(storage));
    }

    /** Memory that is closed meanwhile is found so by whoever looks again. */
    private void sleep(Storage storage) {
        try {
            storage.memory().awaitDrivers(usage.orElseThrow(), SLICE);
        } catch (DmaBufException e) {
            if (e.reason() != Reason.GONE) {
                throw e;
            }
        }
    }

    private DmaBufException refusal(Reason reason, String what) {
        return new DmaBufException(reason, what + "buffer " + buffer.want().name());
    }
}
