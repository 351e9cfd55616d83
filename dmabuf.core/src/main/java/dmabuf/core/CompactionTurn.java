// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressRange;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.CompactionRequest;
import dmabuf.api.spi.IdleStorage;
import dmabuf.api.spi.Participant;
import dmabuf.core.negotiation.Surroundings;
import dmabuf.core.negotiation.Verification;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One compaction of one allocator. A move is claimed the moment it is answered; the buffers, which whoever began the
 * compaction holds still, learn of it at the end. Safe for several threads: foreign code may use it after its deadline.
 */
final class CompactionTurn implements CompactionRequest {
    private final Surroundings present;
    private final Claims claims;
    private final List<IdleStorage> idle;
    private final Map<Allocation, Still> storages = new HashMap<>();
    private final Map<Buffer, Storage> moved = new HashMap<>();
    private Optional<String> firstComplaint = Optional.empty();
    private boolean over;

    /** Storage that is held still, and its buffer. */
    record Still(Buffer buffer, Storage storage) {
        private IdleStorage offer() {
            return new IdleStorage(storage.allocation(), buffer.request().alignment(), participants());
        }

        private List<Participant> participants() {
            return buffer.members().attachments().stream().map(DeviceAttachment::participant).toList();
        }
    }

    CompactionTurn(List<Still> held, Surroundings present, Claims claims) {
        this.present = present;
        this.claims = claims;
        held.forEach(still -> storages.put(still.storage().allocation(), still));
        this.idle = held.stream()
                .map(Still::offer)
                .sorted(Comparator.comparing(CompactionTurn::lowest, Long::compareUnsigned))
                .toList();
    }

    private static long lowest(IdleStorage idle) {
        return idle.allocation().segments().getFirst().address();
    }

    @Override
    public List<IdleStorage> idle() {
        return idle;
    }

    @Override
    public synchronized Optional<Allocation> move(Allocation storage, List<Segment> places) {
        Still still = storages.get(storage);
        List<Segment> there = List.copyOf(places);
        if (over || still == null) {
            return refuse("it moved storage that was not offered");
        }
        Optional<String> complaint = complaint(still, there);
        return complaint.isPresent() ? refuse(complaint.get()) : claimed(still, there);
    }

    private Optional<Allocation> refuse(String complaint) {
        firstComplaint = over ? firstComplaint : firstComplaint.or(() -> Optional.of(complaint));
        return Optional.empty();
    }

    private Optional<String> complaint(Still still, List<Segment> places) {
        return Verification.allocation(places, still.buffer().want().demand(), still.participants(), present);
    }

    private Optional<Allocation> claimed(Still still, List<Segment> places) {
        List<AddressRange> ranges = places.stream().map(Segment::range).toList();
        if (claims.replace(still.storage().resources().holding(), ranges).isPresent()) {
            return Optional.empty();
        }
        Allocation from = still.storage().allocation();
        Storage there = still.storage().movedTo(from.movedTo(places));
        storages.remove(from);
        storages.put(there.allocation(), new Still(still.buffer(), there));
        moved.put(still.buffer(), there);
        return Optional.of(there.allocation());
    }

    /** Ends the compaction: nothing moves any more. Returns where the storage of which buffers lies now. */
    synchronized Map<Buffer, Storage> end() {
        over = true;
        return moved;
    }

    /** Returns what was wrong with the first move that was refused as a lie. */
    synchronized Optional<String> complaint() {
        return firstComplaint;
    }
}
