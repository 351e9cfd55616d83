// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.core.quota.Amount;
import dmabuf.core.quota.Charge;
import java.util.Optional;
import java.util.function.IntSupplier;

/** A descriptor that was handed out: charged to who got it, and closed once. Guarded by the buffer's lock. */
final class HandedOut {
    private final Core core;
    private final String title;
    private final Charge charge;
    private int descriptor;
    private volatile boolean open;

    private HandedOut(Core core, String title, Charge charge) {
        this.core = core;
        this.title = title;
        this.charge = charge;
    }

    /**
     * Opens one.
     *
     * @param kind what messages call it, for example {@code storage file}
     * @throws DmaBufException QUOTA when its opener may have no descriptor more; what the opening throws
     */
    static HandedOut of(DeviceAttachment opener, Storage storage, String kind, IntSupplier opening) {
        Core core = opener.buffer().core();
        Charge charge = core.quotas().open(opener.owner(), storage.allocator().id(), Optional.empty());
        HandedOut file = new HandedOut(core, "the " + kind + " of " + opener.device(), charge);
        pay(core, opener.owner(), storage.allocator(), charge);
        try {
            file.descriptor = opening.getAsInt();
            file.open = true;
        } finally {
            if (!file.open) {
                charge.giveBack(Amount.DESCRIPTOR);
            }
        }
        return file;
    }

    /** What is kept for later buffers gives way to it. */
    private static void pay(Core core, Owner owner, AllocatorEntry allocator, Charge charge) {
        long before = core.shelf().returns();
        try {
            charge.take(Amount.DESCRIPTOR);
        } catch (DmaBufException e) {
            if (!core.shelf().relieve(owner, allocator, before)) {
                throw e;
            }
            charge.take(Amount.DESCRIPTOR);
        }
    }

    int descriptor() {
        if (!open) {
            throw new DmaBufException(Reason.GONE, title + " is closed");
        }
        return descriptor;
    }

    boolean isOpen() {
        return open;
    }

    /** Whoever ends all that an owner or a device held may come by it twice: by itself, and by its mapping. */
    void close() {
        if (open) {
            open = false;
            try {
                core.memory().closeDescriptor(descriptor);
            } finally {
                charge.giveBack(Amount.DESCRIPTOR);
            }
        }
    }
}
