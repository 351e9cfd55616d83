// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.CompactionRequest;
import dmabuf.api.spi.IdleStorage;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/** A compaction as the runtime asks for it: every move is judged by the audit, and booked at once. */
final class Rearrangement implements CompactionRequest {
    private final Bench bench;
    private final IntPredicate permitted;
    private final List<IdleStorage> idle;
    private int asked;
    private int moved;
    private boolean over;

    /**
     * Offers all that is live on a bench.
     *
     * @param permitted which moves are not refused, by their number from 0
     */
    Rearrangement(Bench bench, IntPredicate permitted) {
        this.bench = bench;
        this.permitted = permitted;
        this.idle = bench.ledger().live().stream()
                .sorted(Comparator.comparing(storage -> storage.segments().getFirst().address(), Long::compareUnsigned))
                .map(this::offer)
                .toList();
    }

    private IdleStorage offer(Allocation storage) {
        Ask ask = bench.ledger().ask(storage).orElseThrow();
        return new IdleStorage(storage, ask.alignment(), ask.devices());
    }

    @Override
    public List<IdleStorage> idle() {
        return idle;
    }

    @Override
    public synchronized Optional<Allocation> move(Allocation storage, List<Segment> places) {
        if (over) {
            bench.trespasses().add("move(" + storage.segments() + ", " + places + ")");
            return Optional.empty();
        }
        Optional<Ask> ask = bench.ledger().ask(storage);
        if (ask.isEmpty() || !permitted.test(asked++)) {
            return Optional.empty();
        }
        Allocation to = storage.movedTo(places);
        if (!suits(ask.get(), to) || !bench.ledger().move(storage, to)) {
            return Optional.empty();
        }
        moved++;
        return Optional.of(to);
    }

    private static boolean suits(Ask ask, Allocation to) {
        try {
            for (Audit aspect : Audit.values()) {
                aspect.look(ask, to);
            }
            return true;
        } catch (Violation e) {
            return false;
        }
    }

    /** Ends the request; answers how many moves were made. */
    synchronized int end() {
        over = true;
        return moved;
    }

    synchronized int asked() {
        return asked;
    }
}
