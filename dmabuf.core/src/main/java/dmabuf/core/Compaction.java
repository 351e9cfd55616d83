// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.LatePolicy;
import java.util.ArrayList;
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
        List<CompactionTurn.Still> held = new ArrayList<>();
        try {
            buffers.forEach(buffer -> hold(buffer, allocator).ifPresent(held::add));
            return !held.isEmpty() && move(allocator, held);
        } finally {
            held.forEach(still -> still.buffer().leave());
            allocator.compactions().end();
        }
    }

    private static Optional<CompactionTurn.Still> hold(Buffer buffer, AllocatorEntry allocator) {
        if (!buffer.lock().tryEnter()) {
            return Optional.empty();
        }
        if (buffer.phase() instanceof Phase.Backed(Storage storage, _)
                && storage.allocator().party() == allocator.party()
                && buffer.isIdle()
                && buffer.request().latePolicy() == LatePolicy.MOVE) {
            return Optional.of(new CompactionTurn.Still(buffer, storage));
        }
        buffer.leave();
        return Optional.empty();
    }

    private boolean move(AllocatorEntry allocator, List<CompactionTurn.Still> held) {
        CompactionTurn turn = new CompactionTurn(held, core.presence(false), core.claims());
        Map<Buffer, Storage> moved;
        try {
            allocator.compact(turn);
        } finally {
            moved = turn.end();
            moved.forEach(Buffer::relocate);
        }
        turn.complaint().ifPresent(text -> core.journal().warn(allocator + " is refused a move: " + text));
        return !moved.isEmpty();
    }
}
