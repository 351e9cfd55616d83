// SPDX-License-Identifier: Apache-2.0
package doubles;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.CompactionRequest;
import dmabuf.api.spi.IdleStorage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** A compaction that grants every move of what is idle, until it is over. Not for several threads. */
public final class CompactionDouble implements CompactionRequest {
    private final List<IdleStorage> idle;
    private final BiFunction<Allocation, List<Segment>, Allocation> mover;
    private final Map<Allocation, Allocation> moved = new LinkedHashMap<>();
    private boolean over;

    /** Makes a compaction of this storage, ascending by address, whose moves are carried out by a function. */
    public CompactionDouble(List<IdleStorage> idle, BiFunction<Allocation, List<Segment>, Allocation> mover) {
        this.idle = List.copyOf(idle);
        this.mover = mover;
    }

    /** Refuses every move from now on. */
    public CompactionDouble end() {
        over = true;
        return this;
    }

    /** Returns what moved, as it was and as it is now, in the order of the moves. */
    public Map<Allocation, Allocation> moved() {
        return moved;
    }

    @Override
    public List<IdleStorage> idle() {
        return idle;
    }

    @Override
    public Optional<Allocation> move(Allocation storage, List<Segment> places) {
        boolean known = idle.stream().anyMatch(one -> one.allocation() == storage);
        if (over || !known || moved.containsKey(storage)) {
            return Optional.empty();
        }
        moved.put(storage, mover.apply(storage, places));
        return Optional.of(moved.get(storage));
    }
}
