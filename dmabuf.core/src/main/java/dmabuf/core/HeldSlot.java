// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.SetBuffer;

/** One acquisition of one buffer of a set. A later one has a ticket of its own, so this one can do nothing to it. */
final class HeldSlot implements SetBuffer {
    private final Rotation set;
    private final Generation generation;
    private final Slot slot;
    private final long ticket;

    HeldSlot(Rotation set, Generation generation, Slot slot, long ticket) {
        this.set = set;
        this.generation = generation;
        this.slot = slot;
        this.ticket = ticket;
    }

    private void check() {
        if (!slot.isTaken(ticket)) {
            throw new DmaBufException(
                    Reason.GONE, "buffer " + slot.buffer().id() + " of set " + set.name() + " was released: acquire again");
        }
    }

    @Override
    public DmaBuf buffer() {
        check();
        slot.reference().check();
        return slot.reference();
    }

    @Override
    public Mapping mapping(String device) {
        check();
        slot.reference().check();
        return slot.mapping(device)
                .or(() -> slot.mapping(slot.buffer().core().resolve(device).name()))
                .orElseThrow(() -> new IllegalArgumentException("device " + device + " is not of set " + set.name()));
    }

    @Override
    public int index() {
        return slot.index();
    }

    @Override
    public long generation() {
        return generation.number();
    }

    @Override
    public void close() {
        if (slot.release(ticket)) {
            set.putBack(generation, slot);
        }
    }
}
