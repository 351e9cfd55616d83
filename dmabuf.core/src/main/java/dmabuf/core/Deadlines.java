// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Wakes at deadlines: one thread for a core, which is there while some deadline is ahead. What runs on it has to be short
 * and must not wait: all others wait behind it.
 */
final class Deadlines implements AutoCloseable {
    private static final long IDLE_SECONDS = 1;

    private final Journal journal;
    private final ScheduledThreadPoolExecutor clock;

    /** A deadline that is ahead. */
    @FunctionalInterface
    interface Pending {
        /** None at all. */
        Pending NONE = () -> {};

        /** Calls it off; harmless when it is past. Nothing refers to its work any more. */
        void cancel();
    }

    Deadlines(Journal journal) {
        this.journal = journal;
        this.clock = new ScheduledThreadPoolExecutor(1, Clock::new);
        clock.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        clock.allowCoreThreadTimeOut(true);
        clock.setRemoveOnCancelPolicy(true);
        clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    private static final class Clock extends Thread {
        Clock(Runnable work) {
            super(null, work, "dmabuf-deadlines", 0, false);
            setDaemon(true);
            setContextClassLoader(Deadlines.class.getClassLoader());
        }
    }

    /** Returns whether this is the thread for whose return all deadlines wait. */
    static boolean isInside() {
        return Thread.currentThread() instanceof Clock;
    }

    /** Runs work when a time has passed; never once the core is closed. */
    Pending after(Duration delay, Runnable work) {
        try {
            var task = clock.schedule(() -> guarded(work), Settings.nanos(delay), TimeUnit.NANOSECONDS);
            return () -> task.cancel(false);
        } catch (RejectedExecutionException _) {
            return Pending.NONE; // the core is closed: whoever asks next is told so
        }
    }

    /** Returns how many deadlines are ahead. */
    int ahead() {
        return clock.getQueue().size();
    }

    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            journal.warn("what a deadline was for failed: " + e);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
