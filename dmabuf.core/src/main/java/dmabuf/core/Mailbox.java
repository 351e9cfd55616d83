// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufListener;
import dmabuf.api.EventKind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one listener. While something does, one foreign thread hands it over, event after event; whoever posts
 * waits for nothing. After a loss nothing more is kept until the listener has caught up, so that it learns of the loss
 * at the place where the events are missing.
 */
final class Mailbox {
    static final int CAPACITY = 1024;

    private final Party<DmaBufListener> party;
    private final ForeignCode foreign;
    private final Journal journal;
    private final Queue<DmaBufEvent> waiting = new ArrayDeque<>();
    private volatile Set<EventKind> kinds;
    private long lost;
    private boolean delivering;
    private boolean calling;
    private long callBegan;
    private boolean blamed;

    /** Used by the one thread at a time that hands over. */
    private boolean threw;

    Mailbox(Party<DmaBufListener> party, Set<EventKind> kinds, ForeignCode foreign, Journal journal) {
        this.party = party;
        this.kinds = Set.copyOf(kinds);
        this.foreign = foreign;
        this.journal = journal;
    }

    Set<EventKind> kinds() {
        return kinds;
    }

    /** Puts other kinds in force; {@link Events#refresh} makes them count. */
    void choose(Set<EventKind> value) {
        kinds = Set.copyOf(value);
    }

    void post(DmaBufEvent event) {
        if (!kinds.contains(event.kind())) {
            return;
        }
        if (keep(event)) {
            foreign.start(this::deliver).ifPresent(_ -> stall());
        }
        if (isToBlame()) {
            foreign.start(this::blame);
        }
    }

    /** Keeps an event or counts it as lost; answers whether a thread must be started for it. */
    private synchronized boolean keep(DmaBufEvent event) {
        if (party.hasLeft()) {
            return false;
        }
        if (lost > 0 || waiting.size() >= CAPACITY || isOverdue()) {
            lost++;
        } else {
            waiting.add(event);
        }
        boolean first = !delivering;
        delivering = true;
        return first;
    }

    private boolean isOverdue() {
        return calling && System.nanoTime() - callBegan > foreign.deadline().toNanos();
    }

    /** Returns whether it lost an event because it hangs, for the first time. */
    private synchronized boolean isToBlame() {
        boolean toBlame = lost > 0 && !blamed && isOverdue();
        blamed |= toBlame;
        return toBlame;
    }

    /** Writes the log, which is code of others: on a thread of its own, for whoever posts may hold a buffer's lock. */
    private void blame() {
        journal.warn(party.title() + " did not return within " + foreign.deadline().toMillis()
                + " ms: it loses the events that come meanwhile");
    }

    /** No thread was to be had: the next event tries again. */
    private synchronized void stall() {
        delivering = false;
    }

    private void deliver() {
        for (DmaBufEvent event = next(); event != null; event = next()) {
            hand(event);
        }
    }

    private synchronized @Nullable DmaBufEvent next() {
        DmaBufEvent event = waiting.poll();
        if (event == null && lost > 0) {
            event = loss();
            lost = 0;
        }
        calling = event != null;
        delivering = calling;
        callBegan = System.nanoTime();
        return event;
    }

    private DmaBufEvent loss() {
        return DmaBufEvent.of(EventKind.EVENTS_LOST, Instant.now())
                .text(lost + (lost == 1 ? " event is" : " events are") + " lost: the listener did not keep up")
                .lost(lost)
                .build();
    }

    private void hand(DmaBufEvent event) {
        try {
            party.service().ifPresent(listener -> listener.event(event));
        } catch (Throwable e) {
            if (!threw) {
                threw = true;
                journal.warn(party.title() + " threw " + ForeignCode.describe(e));
            }
        }
    }

    /** Lets go of the listener and of what waits for it. */
    synchronized void close() {
        party.leave();
        waiting.clear();
        lost = 0;
    }
}
