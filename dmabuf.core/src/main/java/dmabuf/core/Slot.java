// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Direction;
import dmabuf.api.FenceUsage;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * One buffer of a set, with storage, mapped for all devices of the set until it is disposed of. Whether somebody has it is
 * told by its ticket, which changes without a lock; all else changes under the buffer's.
 */
final class Slot {
    private final int index;
    private final Buffer buffer;
    private final LentReference reference;
    private final SetHold hold;

    /** Counts acquisitions and releases: odd while somebody has it. */
    private final AtomicLong ticket = new AtomicLong();

    private volatile Map<String, Place> places = Map.of();

    /** What the set has in the buffer for one device. */
    private record Place(DeviceAttachment attachment, LentMapping mapping) {}

    Slot(int index, Buffer buffer, Owner owner) {
        this.index = index;
        this.buffer = buffer;
        this.reference = new LentReference(buffer, owner);
        this.hold = new SetHold(owner, buffer.want().name(), Trace.of(buffer.core()));
    }

    int index() {
        return index;
    }

    Buffer buffer() {
        return buffer;
    }

    LentReference reference() {
        return reference;
    }

    /** Takes what was free; answers the ticket by which it is released. Only who has it from the free list may do so. */
    long take() {
        long mine = ticket.get() + 1;
        ticket.setRelease(mine); // nobody else changes it before this one is released
        return mine;
    }

    boolean isTaken(long by) {
        return ticket.get() == by;
    }

    boolean isTaken() {
        return (ticket.get() & 1) != 0;
    }

    /** Ends an acquisition, once. */
    boolean release(long by) {
        return ticket.compareAndSet(by, by + 1);
    }

    /** Returns the mapping for a device of this full name. */
    Optional<Mapping> mapping(String device) {
        return Optional.ofNullable(places.get(device)).map(Place::mapping);
    }

    boolean has(String device) {
        return places.containsKey(device);
    }

    Optional<Storage> storage() {
        return buffer.phase() instanceof Phase.Backed(Storage storage, _) ? Optional.of(storage) : Optional.empty();
    }

    /** Returns whether the allocator of the storage left. */
    boolean isStranded() {
        return storage().filter(storage -> storage.allocator().hasLeft()).isPresent();
    }

    /** Returns the fences that are pending on the buffer. */
    List<BufferFence> pending() {
        return Fences.ahead(buffer, FenceUsage.WRITE);
    }

    /** Keeps buffer and storage; under the buffer's lock. */
    void keep() {
        buffer.addReference(reference);
        buffer.hold(hold);
    }

    /** Lets devices join the storage as it lies, and maps it for them; false, and nothing changed, when it does not suit. */
    boolean join(List<DeviceAttachment> models, Function<String, Direction> directions) {
        return locked(() -> {
            Optional<List<DeviceAttachment>> joined =
                    AttachTransaction.like(buffer, reference.owner(), models, reference::check).joinAsItLies();
            joined.ifPresent(added -> map(added, directions));
            return joined.isPresent();
        });
    }

    private boolean locked(BooleanSupplier action) {
        buffer.lock().enter(false, buffer);
        try {
            return action.getAsBoolean();
        } finally {
            buffer.leave();
        }
    }

    /** Maps for new members, all or none; whoever cannot be mapped leaves them no members. Under the buffer's lock. */
    void map(List<DeviceAttachment> added, Function<String, Direction> directions) {
        Storage storage = storage().orElseThrow(() -> Storing.released(buffer));
        Map<String, Place> all = new HashMap<>(places);
        boolean mapped = false;
        try {
            for (DeviceAttachment member : added) {
                DeviceMapping mapping = member.map(storage, MapRequest.of(directions.apply(member.device())));
                all.put(member.device(), new Place(member, new LentMapping(mapping)));
            }
            places = Map.copyOf(all);
            mapped = true;
        } finally {
            if (!mapped) {
                remove(added);
            }
        }
    }

    /** Ends what the set has for a device. */
    void leave(String device) {
        buffer.giveUp(() -> {
            Place place = places.get(device);
            if (place != null) {
                Map<String, Place> rest = new HashMap<>(places);
                rest.remove(device);
                places = Map.copyOf(rest);
                remove(List.of(place.attachment()));
            }
        });
    }

    /** Takes members out that are still there: a device may have left, or its owner. */
    private void remove(List<DeviceAttachment> members) {
        buffer.core().attaching().remove(
                buffer, members.stream().filter(buffer.members().attachments()::contains).toList());
    }

    /** Ends all that the set has in the buffer: nobody else refers to it any more, or those who opened it by its id. */
    void dispose() {
        buffer.giveUp(() -> {
            List<DeviceAttachment> members = places.values().stream().map(Place::attachment).toList();
            places = Map.of();
            try {
                remove(members);
            } finally {
                buffer.letGo(hold);
                reference.end();
            }
        });
    }
}
