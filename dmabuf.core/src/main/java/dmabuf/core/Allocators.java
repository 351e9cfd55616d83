// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Names;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The registry of allocators. Writers replace an immutable snapshot, readers take one reference; no foreign code runs
 * here.
 */
final class Allocators {
    private static final Comparator<AllocatorEntry> SELECTION =
            Comparator.comparingInt((AllocatorEntry entry) -> entry.spec().priority())
                    .reversed()
                    .thenComparing(AllocatorEntry::id, Names.ORDER);

    private final Chronicle chronicle;

    /** In the order in which they came or changed to their id: the first of an id holds it, the others stand by. */
    private List<AllocatorEntry> registered = List.of();

    private volatile Snapshot snapshot = new Snapshot(List.of(), List.of());

    Allocators(Chronicle chronicle) {
        this.chronicle = chronicle;
    }

    /**
     * The allocators at one moment.
     *
     * @param active those that are asked, in the order of selection
     * @param standby those that wait for the holder of their id to leave, in the order of arrival
     */
    record Snapshot(List<AllocatorEntry> active, List<AllocatorEntry> standby) {
        Stream<AllocatorEntry> all() {
            return Stream.concat(active.stream(), standby.stream());
        }

        /** Returns the entry of the same registration, which an update may have replaced. */
        Optional<AllocatorEntry> of(AllocatorEntry entry) {
            return all().filter(other -> other.party() == entry.party()).findFirst();
        }

        Optional<AllocatorEntry> holder(String id) {
            return active.stream().filter(entry -> entry.id().equals(id)).findFirst();
        }
    }

    Snapshot snapshot() {
        return snapshot;
    }

    /** Adds an allocator; answers the holder of its id when there is one, and the newcomer then stands by. */
    synchronized Optional<AllocatorEntry> add(AllocatorEntry entry) {
        Optional<AllocatorEntry> holder = snapshot.holder(entry.id());
        List<AllocatorEntry> more = new ArrayList<>(registered);
        more.add(entry);
        replace(more);
        return holder;
    }

    /** Gives a registration another spec, and sorts anew at once. Who has the new id already keeps it. */
    synchronized void update(Party<Allocator> party, AllocatorSpec spec) {
        List<AllocatorEntry> entries = new ArrayList<>();
        List<AllocatorEntry> renamed = new ArrayList<>();
        for (AllocatorEntry entry : registered) {
            boolean other = entry.party() == party && !entry.id().equals(spec.id());
            (other ? renamed : entries).add(entry.party() == party ? entry.withSpec(spec) : entry);
        }
        entries.addAll(renamed);
        replace(entries);
    }

    /** Removes a registration, and lets go of its service. */
    synchronized void remove(Party<Allocator> party) {
        replace(registered.stream().filter(entry -> entry.party() != party).toList());
        party.leave();
    }

    /** Lets go of everybody. */
    synchronized void clear() {
        registered.forEach(entry -> entry.party().leave());
        replace(List.of());
    }

    private void replace(List<AllocatorEntry> entries) {
        registered = List.copyOf(entries);
        Set<String> taken = new HashSet<>();
        List<AllocatorEntry> active = new ArrayList<>();
        List<AllocatorEntry> standby = new ArrayList<>();
        for (AllocatorEntry entry : registered) {
            (taken.add(entry.id()) ? active : standby).add(entry);
        }
        active.sort(SELECTION);
        Snapshot before = snapshot;
        snapshot = new Snapshot(List.copyOf(active), List.copyOf(standby));
        tell(before, snapshot);
    }

    private void tell(Snapshot before, Snapshot after) {
        before.all().filter(entry -> after.of(entry).isEmpty()).forEach(chronicle::allocatorLeft);
        for (AllocatorEntry entry : after.standby()) {
            if (!before.standby().contains(entry)) {
                chronicle.allocatorStandsBy(entry);
            }
        }
        for (AllocatorEntry entry : after.active()) {
            Optional<AllocatorEntry> known = before.of(entry);
            boolean served = known.filter(before.active()::contains).isPresent();
            if (!served) {
                chronicle.allocatorArrived(entry, known.isPresent());
            } else if (known.get() != entry) {
                chronicle.allocatorChanged(known.get(), entry);
            }
        }
    }
}
