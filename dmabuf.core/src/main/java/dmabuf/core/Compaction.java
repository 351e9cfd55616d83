// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressRange;
import dmabuf.api.LatePolicy;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.IdleStorage;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Relocation;
import dmabuf.core.negotiation.Verification;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets a fragmented allocator move idle storage together. Of other buffers only those are held still whose lock is free
 * at once, so that two compactions, or a compaction and a map, never wait for each other.
 */
final class Compaction {
    private final Core core;

    Compaction(Core core) {
        this.core = core;
    }

    /** Storage that is held still, and its buffer. */
    private record Still(Buffer buffer, Storage storage) {
        IdleStorage offer() {
            return new IdleStorage(storage.allocation(), buffer.request().alignment(), participants());
        }

        List<Participant> participants() {
            return buffer.members().attachments().stream().map(DeviceAttachment::participant).toList();
        }
    }

    /**
     * Asks an allocator to move its idle storage together for the sake of a buffer.
     *
     * @return whether something moved, so that asking again makes sense
     */
    boolean run(AllocatorEntry allocator, Buffer inNeed) {
        return run(allocator, core.buffers().stream().filter(buffer -> buffer != inNeed).toList());
    }

    /** Asks an allocator to move the idle storage of these buffers together. */
    boolean run(AllocatorEntry allocator, List<Buffer> buffers) {
        if (!allocator.compactions().begin()) {
            return true;
        }
        List<Still> held = new ArrayList<>();
        try {
            buffers.forEach(buffer -> hold(buffer, allocator).ifPresent(held::add));
            return !held.isEmpty() && move(allocator, held);
        } finally {
            held.forEach(still -> still.buffer().leave());
            allocator.compactions().end();
        }
    }

    private static Optional<Still> hold(Buffer buffer, AllocatorEntry allocator) {
        if (!buffer.lock().tryEnter()) {
            return Optional.empty();
        }
        if (buffer.phase() instanceof Phase.Backed(Storage storage, _)
                && storage.allocator().party() == allocator.party()
                && buffer.isIdle()
                && buffer.request().latePolicy() == LatePolicy.MOVE) {
            return Optional.of(new Still(buffer, storage));
        }
        buffer.leave();
        return Optional.empty();
    }

    private boolean move(AllocatorEntry allocator, List<Still> held) {
        List<IdleStorage> offers = held.stream()
                .map(Still::offer)
                .sorted(Comparator.comparing(Compaction::lowest, Long::compareUnsigned))
                .toList();
        List<Relocation> relocations = allocator.compact(offers).given().orElse(List.of());
        if (relocations.isEmpty()) {
            return false;
        }
        Optional<String> lie = commit(relocations, held);
        lie.ifPresent(text -> core.journal().warn(allocator + " is refused a compaction: " + text));
        return lie.isEmpty();
    }

    private static long lowest(IdleStorage idle) {
        return idle.allocation().segments().getFirst().address();
    }

    /** Commits all new places or none; answers what is wrong with them. */
    private Optional<String> commit(List<Relocation> relocations, List<Still> held) {
        Map<Allocation, Still> offered = new HashMap<>();
        held.forEach(still -> offered.put(still.storage().allocation(), still));
        Map<Buffer, Storage> places = new HashMap<>();
        Map<Claims.Holding, List<AddressRange>> claims = new HashMap<>();
        for (Relocation relocation : relocations) {
            Optional<Still> still = Optional.ofNullable(offered.get(relocation.from()));
            if (still.isEmpty()) {
                return Optional.of("it moved storage that was not offered");
            }
            Optional<String> complaint = complaint(still.get(), relocation.to());
            if (complaint.isPresent()) {
                return complaint;
            }
            Storage moved = still.get().storage().movedTo(relocation.to());
            places.put(still.get().buffer(), moved);
            claims.put(
                    moved.resources().holding(),
                    relocation.to().segments().stream().map(Segment::range).toList());
        }
        Optional<AddressRange> overlap = core.claims().replace(claims);
        if (overlap.isPresent()) {
            return overlap.map(range -> "it overlaps live storage at " + range);
        }
        places.forEach(Buffer::relocate);
        return Optional.empty();
    }

    private Optional<String> complaint(Still still, Allocation to) {
        if (to.memory() != still.storage().memory()) {
            return Optional.of("it exchanged the memory of storage that only changes its place");
        }
        return Verification.allocation(
                to.segments(), still.buffer().want().demand(), still.participants(), core.presence(false));
    }
}
