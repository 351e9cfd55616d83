// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufListener;
import dmabuf.api.EventKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one listener. While something does, one foreign thread hands it over, event after event; whoever posts
 * waits for nothing. After a loss nothing more is kept until the listener has caught up, so that it learns of the loss
 * at the place where the events are missing.
 *
 * <p>To wake a thread costs whoever posts more than the event itself. So it is done as network drivers do with interrupts
 * (NAPI): the thread that has handed everything over looks once more after a moment, and ends when nothing came; until
 * then nobody wakes it, unless half the places are taken.
 */
final class Mailbox {
    static final int CAPACITY = 1024;

    /** How long an event may wait for the next look. */
    private static final long MOMENT_NANOS = 500_000;

    private final Party<DmaBufListener> party;
    private final ForeignCode foreign;
    private final Journal journal;
    private final Runnable delivery = this::deliver;
    private List<DmaBufEvent> waiting = new ArrayList<>();
    private volatile Set<EventKind> kinds;
    private volatile long lost;
    private boolean delivering;
    private boolean blamed;

    /** The thread that hands over, while it waits for its next look. */
    private @Nullable Thread resting;

    /** When the call began that is under way, 0 while none is; and what was taken out and comes after it. */
    private volatile long callBegan;

    private volatile int following;

    /** Used by the one thread at a time that hands over. */
    private List<DmaBufEvent> taken = List.of();

    private int handed;
    private boolean threw;

    Mailbox(Party<DmaBufListener> party, Set<EventKind> kinds, ForeignCode foreign, Journal journal) {
        this.party = party;
        this.kinds = EnumSet.copyOf(kinds);
        this.foreign = foreign;
        this.journal = journal;
    }

    Set<EventKind> kinds() {
        return kinds;
    }

    /** Puts other kinds in force; {@link Events#refresh} makes them count. */
    void choose(Set<EventKind> value) {
        kinds = EnumSet.copyOf(value);
    }

    void post(DmaBufEvent event) {
        if (!kinds.contains(event.kind())) {
            return;
        }
        if (keep(event)) {
            start();
        }
        if (lost > 0 && isToBlame()) {
            foreign.start(this::blame);
        }
    }

    /** Keeps an event or counts it as lost; answers whether a thread must be started for it. */
    private synchronized boolean keep(DmaBufEvent event) {
        if (party.hasLeft()) {
            return false;
        }
        if (lost > 0 || waiting.size() + following >= CAPACITY || isOverdue()) {
            lost++;
        } else {
            waiting.add(event);
            callBack();
        }
        boolean first = !delivering;
        delivering = true;
        return first;
    }

    /** Ends the rest of the thread that hands over before there is no place left. */
    private void callBack() {
        if (resting != null && waiting.size() >= CAPACITY / 2) {
            LockSupport.unpark(resting);
            resting = null;
        }
    }

    private boolean isOverdue() {
        long began = callBegan;
        return began != 0 && System.nanoTime() - began > foreign.deadline().toNanos();
    }

    /** Starts a thread that hands over. When none is to be had, the next event tries again. */
    private void start() {
        boolean started = false;
        try {
            started = foreign.start(delivery).isEmpty();
        } finally {
            if (!started) {
                stall();
            }
        }
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

    /** Nobody hands over any more: the next event starts a thread. */
    private synchronized void stall() {
        delivering = false;
        resting = null;
        callBegan = 0;
    }

    /** Hands over until nothing waits. A thread that dies of it, without memory for example, leaves the rest to the next one. */
    private void deliver() {
        boolean over = false;
        try {
            handAll();
            while (!over) {
                while (take()) {
                    handAll();
                }
                rest();
                over = isOver();
            }
        } finally {
            if (!over) {
                stall();
            }
        }
    }

    /** Takes all that waits, or word of what was lost. The next list is a new one: the collector asks less for new objects in it. */
    private synchronized boolean take() {
        if (waiting.isEmpty() && lost > 0) {
            waiting.add(loss());
            lost = 0;
        }
        if (waiting.isEmpty()) {
            return false;
        }
        List<DmaBufEvent> empty = new ArrayList<>(waiting.size());
        taken = waiting;
        waiting = empty;
        handed = 0;
        following = taken.size();
        return true;
    }

    private void handAll() {
        while (handed < taken.size()) {
            DmaBufEvent event = taken.get(handed++);
            callBegan = System.nanoTime() | 1;
            following = taken.size() - handed;
            hand(event);
        }
        taken = List.of();
        handed = 0;
        callBegan = 0;
    }

    /** Waits for a moment, or until it is called back. */
    private void rest() {
        if (mayRest()) {
            LockSupport.parkNanos(this, MOMENT_NANOS);
        }
    }

    private synchronized boolean mayRest() {
        resting = Thread.currentThread();
        return !party.hasLeft();
    }

    /** Ends the delivery when nothing waits. */
    private synchronized boolean isOver() {
        resting = null;
        delivering = !waiting.isEmpty() || lost > 0;
        return !delivering;
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
