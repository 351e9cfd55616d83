// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * Visits every buffer under its lock, because something left or came. Who makes it leave gets control back within a
 * bounded time: what is left then is finished on a thread of its own.
 */
final class Sweep {
    private final Journal journal;
    private final Consumer<Buffer> action;
    private final long end;

    private Sweep(Journal journal, Consumer<Buffer> action, long end) {
        this.journal = journal;
        this.action = action;
        this.end = end;
    }

    /** Visits as many buffers as the time allows, the busy ones last, and answers those that are left. */
    static List<Buffer> within(long nanos, Journal journal, Collection<Buffer> buffers, Consumer<Buffer> action) {
        return new Sweep(journal, action, System.nanoTime() + nanos).run(buffers);
    }

    /** Visits all buffers, the last of them perhaps only after the call returned. */
    static void all(long nanos, Journal journal, Collection<Buffer> buffers, Consumer<Buffer> action) {
        List<Buffer> left = within(nanos, journal, buffers, action);
        if (!left.isEmpty()) {
            later(journal, left, action);
        }
    }

    /**
     * Visits all buffers on a thread of its own, each as soon as its lock is free. No virtual one: that would wait for a
     * carrier while it is first in line for a lock, and users whose virtual threads compute without a pause would keep
     * everybody behind it waiting.
     */
    static void later(Journal journal, List<Buffer> buffers, Consumer<Buffer> action) {
        Sweep sweep = new Sweep(journal, action, System.nanoTime());
        Thread.ofPlatform().daemon(true).name("dmabuf-sweep").start(() -> sweep.finish(buffers));
    }

    private List<Buffer> run(Collection<Buffer> buffers) {
        List<Buffer> busy = new ArrayList<>();
        for (Buffer buffer : buffers) {
            if (isOver() || !buffer.lock().tryEnter()) {
                busy.add(buffer);
            } else {
                visit(buffer);
            }
        }
        List<Buffer> left = new ArrayList<>();
        for (Buffer buffer : busy) {
            if (isOver() || !buffer.lock().enterWithin(end - System.nanoTime())) {
                left.add(buffer);
            } else {
                visit(buffer);
            }
        }
        return left;
    }

    private void finish(List<Buffer> left) {
        for (Buffer buffer : left) {
            buffer.lock().enter();
            visit(buffer);
        }
    }

    private boolean isOver() {
        return System.nanoTime() - end > 0;
    }

    /** Acts on a buffer whose lock is held, and gives the lock back; one that fails does not stop the others. */
    private void visit(Buffer buffer) {
        try {
            actOn(buffer);
        } catch (RuntimeException | Error e) {
            journal.warn("buffer " + buffer.want().name() + " could not follow a change: " + e);
        }
    }

    private void actOn(Buffer buffer) {
        try {
            action.accept(buffer);
        } finally {
            buffer.settleAndLeave();
        }
    }
}
