// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Device;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Mapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Lets participants come and go: the registry first, then every buffer that is concerned. So a call that looks at the
 * registry under a buffer's lock and commits is either seen by the visit, or has seen the change.
 */
final class Arrivals {
    private final Core core;

    Arrivals(Core core) {
        this.core = core;
    }

    /**
     * What came of an arrival.
     *
     * @param party what to remove it by
     * @param obstacle why it stands by, or empty when it serves
     */
    record Admitted<S>(Party<S> party, Optional<DmaBufException> obstacle) {}

    Admitted<Allocator> addAllocator(AllocatorSpec spec, Allocator allocator, String bundle) {
        AllocatorEntry entry = AllocatorEntry.of(spec, bundle, allocator, core.foreign());
        Optional<AllocatorEntry> holder = core.allocators().add(entry);
        if (holder.isEmpty()) {
            evacuate();
        }
        return new Admitted<>(entry.party(), holder.map(other -> taken(entry, other)));
    }

    private static DmaBufException taken(AllocatorEntry entry, AllocatorEntry holder) {
        return new DmaBufException(
                Reason.INVALID,
                "allocator id " + entry.id() + " of bundle " + entry.bundle() + " is taken by bundle "
                        + holder.bundle() + ": it stands by until that leaves");
    }

    /** Puts another spec in force; answers why it stands by from now on, or empty when it serves. */
    Optional<DmaBufException> updateAllocator(Party<Allocator> party, AllocatorSpec spec) {
        core.allocators().update(party, spec);
        evacuate();
        Allocators.Snapshot snapshot = core.allocators().snapshot();
        return snapshot.standby().stream()
                .filter(entry -> entry.party() == party)
                .findFirst()
                .flatMap(entry -> snapshot.holder(entry.id()).map(holder -> taken(entry, holder)));
    }

    /** Takes an allocator away: its idle storage moves at once, what is in use when it is let go. */
    void removeAllocator(Party<Allocator> party) {
        core.allocators().remove(party);
        core.presences().forget();
        evacuate();
    }

    /**
     * Gives back what lies ready for a choice that is no longer the same; tries again for every buffer, and every set, whose
     * allocator left.
     */
    private void evacuate() {
        core.shelf().review();
        sweep(buffer -> {
            core.storing().evacuate(buffer);
            core.sets().follow(buffer);
        });
    }

    /** Adds a device; answers why it waits, or empty when it is present. */
    Optional<DmaBufException> addDevice(Object key, Device device, Map<String, ?> properties, String bundle) {
        Party<Device> party = new Party<>("device of bundle " + bundle, device);
        DeviceEntry entry = switch (core.foreign().ask(party, asked -> DeviceEntry.of(asked, properties, bundle))) {
            case Reply.Given<DeviceEntry>(DeviceEntry read) -> read;
            case Reply.Late<DeviceEntry>(String text) -> throw new DmaBufException(Reason.TIMED_OUT, text);
            case Reply.Thrown<DeviceEntry>(_, String text) -> throw new DmaBufException(Reason.INVALID, text);
        };
        return core.devices().add(key, entry);
    }

    /** Takes a device away, and with it its parts: their mappings end, and the combinations widen. */
    void removeDevice(Object key) {
        List<DeviceEntry> left = core.devices().remove(key);
        if (left.isEmpty()) {
            return;
        }
        sweep(buffer -> {
            core.attaching().remove(
                    buffer,
                    buffer.members().attachments().stream()
                            .filter(member -> left.contains(member.entry()))
                            .toList());
            core.sets().follow(buffer); // what nobody could serve before, somebody may serve now
        });
        Set<String> names = left.stream().map(DeviceEntry::name).collect(Collectors.toSet());
        core.allocators().snapshot().active().forEach(entry -> names.forEach(entry::forget));
        core.presences().forget();
    }

    /** Adds a mapper, without which a storage may have been nobody's to take. */
    Party<Mapper> addMapper(Mapper mapper) {
        Party<Mapper> party = core.mappers().add(mapper);
        evacuate();
        return party;
    }

    /** Takes a mapper away: what it mapped stays until it is unmapped. */
    void removeMapper(Party<Mapper> party) {
        core.mappers().remove(party);
        core.presences().forget();
        core.shelf().review();
    }

    /** Ends what an owner opened. */
    void removeOwner(Owner owner) {
        owner.leave();
        core.sets().end(owner);
        sweep(buffer -> buffer.reclaim(owner));
        core.shelf().leave(owner);
        core.chronicle().reclaimed(owner);
    }

    private void sweep(Consumer<Buffer> action) {
        Sweep.all(sweepNanos(), core.journal(), core.buffers(), action);
    }

    /** Returns how long whoever leaves is kept waiting. */
    long sweepNanos() {
        return core.settings().foreignDeadline().toNanos() / 2 * 3;
    }
}
