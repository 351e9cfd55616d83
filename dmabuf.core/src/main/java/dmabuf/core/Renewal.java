// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Direction;
import dmabuf.api.DmaBufException;
import dmabuf.api.LatePolicy;
import dmabuf.api.SetDevice;
import dmabuf.api.SetInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Supplier;

/**
 * Chooses the storage of a set, the first and every new one. The devices of the set are the members of its pattern: a
 * buffer that nobody else refers to and that never has storage, so what holds for members of a buffer, when they attach,
 * leave or lose their owner, holds for them. All runs under the pattern's lock, and takes those of the set's buffers.
 */
final class Renewal {
    private final Rotation set;
    private final BufferReference reference;
    private final Buffer pattern;
    private final Core core;

    /** By full name; also of devices that left since. */
    private volatile Map<String, Direction> directions = Map.of();

    private volatile boolean orphaned;

    Renewal(Rotation set, BufferReference reference) {
        this.set = set;
        this.reference = reference;
        this.pattern = reference.buffer();
        this.core = set.core();
    }

    Buffer pattern() {
        return pattern;
    }

    private <T> T exclusively(Supplier<T> action) {
        return pattern.exclusively(false, () -> {
            set.check();
            return action.get();
        });
    }

    void attach(List<SetDevice> devices) {
        Map<String, Direction> ways = new HashMap<>();
        List<DeviceEntry> entries = new ArrayList<>();
        for (SetDevice device : devices) {
            DeviceEntry entry = core.resolve(device.device());
            entries.add(entry);
            ways.put(entry.name(), device.direction());
        }
        Attaching.refuseTwice(entries);
        if (!entries.isEmpty()) {
            exclusively(() -> attach(entries, ways));
        }
    }

    private Generation attach(List<DeviceEntry> entries, Map<String, Direction> ways) {
        List<DeviceAttachment> added =
                new AttachTransaction(core, pattern, set.owner(), entries, set::check)
                        .run().stream().map(DeviceAttachment.class::cast).toList();
        Map<String, Direction> before = directions;
        Map<String, Direction> merged = new HashMap<>(before);
        merged.putAll(ways);
        directions = Map.copyOf(merged);
        boolean done = false;
        try {
            admit(added);
            done = true;
            return set.current();
        } finally {
            if (!done) {
                directions = before;
                core.attaching().remove(pattern, added);
            }
        }
    }

    /** Lets new members use the storage at hand, or makes other storage for all; nothing without storage. */
    private void admit(List<DeviceAttachment> added) {
        Generation present = set.current();
        if (present.isEmpty() || (!isLeaving(present, added) && join(present, added))) {
            return;
        }
        if (set.request().buffer().latePolicy() == LatePolicy.REFUSE) {
            throw Vacating.busy(pattern, List.of(), "its creator forbids it");
        }
        renew();
    }

    private static boolean isLeaving(Generation present, List<DeviceAttachment> added) {
        return added.stream().anyMatch(member -> present.isReleasing(member.device()));
    }

    /** Puts a new generation in force; when the set ended meanwhile, that goes too. */
    private void renew() {
        Generation next = build();
        boolean installed = false;
        try {
            set.install(next);
            installed = true;
        } finally {
            if (!installed) {
                next.retire();
                set.tidy(next);
            }
        }
    }

    /** Lets new members join all buffers as they lie, or none. */
    private boolean join(Generation present, List<DeviceAttachment> added) {
        List<Slot> joined = new ArrayList<>();
        boolean done = false;
        try {
            for (Slot slot : present.slots()) {
                if (!slot.join(added, this::direction)) {
                    return false;
                }
                joined.add(slot);
            }
            done = true;
            return true;
        } catch (DmaBufException _) {
            return false; // new storage for all may do better; if not, its reason is told
        } finally {
            if (!done) {
                joined.forEach(slot -> added.forEach(member -> slot.leave(member.device())));
            }
        }
    }

    void detach(String device) {
        String name = core.resolve(device).name();
        exclusively(() -> {
            List<DeviceAttachment> left = pattern.members().attachments().stream()
                    .filter(member -> member.device().equals(name))
                    .toList();
            if (left.isEmpty()) {
                throw new IllegalStateException("device " + name + " is not attached to set " + set.name());
            }
            core.attaching().remove(pattern, left);
            set.current().release(name);
            set.tidy(set.current());
            follow();
            return left;
        });
    }

    void prepare() {
        if (set.current().isEmpty()) {
            exclusively(() -> {
                if (set.current().isEmpty()) {
                    renew();
                }
                return set;
            });
        }
    }

    /** Makes new storage when the allocator of the present one left; when nobody can, that stays in use. */
    void follow() {
        if (!set.current().isStranded()) {
            return;
        }
        try {
            renew();
        } catch (DmaBufException e) {
            pattern.remember(e);
            if (!orphaned) {
                orphaned = true;
                set.current().slots().stream()
                        .flatMap(slot -> slot.storage().stream())
                        .findFirst()
                        .ifPresent(storage -> core.chronicle().orphaned(pattern, storage, e.explanation()));
            }
        }
    }

    /** Makes storage for all devices that are there; again, when one left meanwhile. */
    private Generation build() {
        while (true) {
            dropAbsent();
            try {
                return make();
            } catch (DmaBufException e) {
                if (absent().isEmpty()) {
                    throw e;
                }
            }
        }
    }

    private void dropAbsent() {
        List<DeviceAttachment> absent = absent();
        if (!absent.isEmpty()) {
            core.attaching().remove(pattern, absent);
        }
    }

    /** Returns members whose device left, but whose membership nobody has ended yet. */
    private List<DeviceAttachment> absent() {
        return pattern.members().attachments().stream()
                .filter(member -> !core.devices().isPresent(member.entry()))
                .toList();
    }

    /** Allocates, verifies and maps for all devices; what fails leaves nothing. */
    private Generation make() {
        Storing.Several found = core.storing().several(pattern, set.request().count());
        Queue<Storage> storages = new ArrayDeque<>(found.storages());
        List<Slot> slots = new ArrayList<>();
        boolean done = false;
        try {
            while (!storages.isEmpty()) {
                slots.add(slot(slots.size(), storages, found));
            }
            Generation made = new Generation(set.current().number() + 1, slots);
            set.check();
            done = true;
            orphaned = false;
            core.chronicle().renewed(pattern, made.number(), slots.size(), found.storages().getFirst());
            return made;
        } finally {
            if (!done) {
                undo(slots, storages);
            }
        }
    }

    private void undo(List<Slot> slots, Queue<Storage> storages) {
        Generation unborn = new Generation(0, slots);
        unborn.retire();
        try {
            unborn.tidy(core.journal(), _ -> {});
        } finally {
            Storage.giveBack(storages);
        }
    }

    /** Makes a buffer of the next storage, which is the buffer's from then on. */
    private Slot slot(int index, Queue<Storage> storages, Storing.Several found) {
        Buffer buffer = core.opening().draft(pattern);
        Slot slot = new Slot(index, buffer, set.owner());
        boolean done = false;
        buffer.lock().enter();
        try {
            core.register(buffer);
            slot.keep();
            buffer.back(storages.element(), found.attempts());
            storages.remove();
            set.check();
            List<DeviceAttachment> models = pattern.members().attachments();
            slot.map(AttachTransaction.like(buffer, set.owner(), models, set::check).adopt(found.agreed()), this::direction);
            done = true;
            return slot;
        } finally {
            if (!done) {
                buffer.takeDown();
            }
            buffer.leave();
        }
    }

    Direction direction(String device) {
        return directions.getOrDefault(device, Direction.BIDIRECTIONAL);
    }

    SetInfo info(Generation present, int taken, int draining) {
        List<SetDevice> devices = pattern.members().attachments().stream()
                .map(member -> new SetDevice(member.device(), direction(member.device())))
                .toList();
        Optional<String> allocator = present.slots().stream()
                .flatMap(slot -> slot.storage().map(storage -> storage.allocator().id()).stream())
                .findFirst();
        return new SetInfo(
                pattern.id(), set.name(), set.owner().name(), set.request().count(), pattern.request().byteSize(),
                present.number(), present.slots().size() - taken, taken, draining, orphaned, allocator, devices,
                pattern.members().constraints(), present.slots().stream().map(slot -> slot.buffer().id()).toList(),
                pattern.past().refusal());
    }

    /** Gives the pattern up. */
    void close() {
        core.sets().forget(set);
        pattern.giveUp(() -> {
            core.attaching().remove(pattern, pattern.members().attachments());
            reference.end();
        });
    }
}
