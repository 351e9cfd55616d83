// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The lock of one buffer. While it is held foreign code may run on other threads, each call with a deadline, so it is
 * always free again within a bounded time. A thread that holds it waits for no other buffer's: of others it only
 * tries. Only who has that of a set's pattern waits for those of the set's buffers.
 *
 * <p>There are as many as buffers: so it is a lock instead of having one, and has a condition only once somebody waited.
 */
final class BufferLock extends ReentrantLock {
    private boolean vacating;

    /** Made when somebody waits for the first time; like the rest guarded by the lock. */
    private @Nullable Condition changed;

    /**
     * Takes the lock.
     *
     * @throws DmaBufException BUSY for a try when it is taken; TIMED_OUT when it stays so past the deadline
     */
    void enter(boolean trying, Buffer buffer) {
        if (tryEnter()) {
            return;
        }
        if (trying) {
            throw new DmaBufException(Reason.BUSY, atWork(buffer));
        }
        if (!enterWithin(buffer.patience())) {
            throw new DmaBufException(Reason.TIMED_OUT, atWork(buffer) + " for too long");
        }
    }

    private static String atWork(Buffer buffer) {
        return "another call is at work on buffer " + buffer.want().name();
    }

    boolean tryEnter() {
        return tryLock();
    }

    /** Takes the lock within some nanoseconds, not interruptibly. */
    boolean enterWithin(long nanos) {
        long end = System.nanoTime() + nanos;
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return tryLock(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException _) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Takes the lock, however long that takes: the time is bounded. */
    void enter() {
        lock();
    }

    void leave() {
        unlock();
    }

    /** Runs an action with the lock free, which the caller has, and has again. */
    void whileFree(Runnable action) {
        unlock();
        try {
            action.run();
        } finally {
            lock();
        }
    }

    /** Returns whether the calling thread has it. */
    boolean isMine() {
        return isHeldByCurrentThread();
    }

    /** Wakes those who wait for expected devices, for an allocator, or for holders to let go. */
    void signal() {
        if (changed != null) {
            changed.signalAll();
        }
    }

    /** Waits, with the lock free, until something may have changed; the caller looks, and waits again. False when the time is over or the thread is interrupted. */
    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    boolean awaitChange(long end) {
        if (changed == null) {
            changed = newCondition();
        }
        try {
            return changed.awaitNanos(end - System.nanoTime()) > 0;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Sets whether new holders shall wait, because somebody waits for the present ones to let go. */
    void setVacating(boolean value) {
        vacating = value;
        signal();
    }

    boolean isVacating() {
        return vacating;
    }

    /** Waits until nobody waits for holders to let go; BUSY for a try, and after the deadline. */
    void awaitNotVacating(boolean trying, Buffer buffer) {
        if (!vacating) {
            return;
        }
        long end = System.nanoTime() + buffer.patience();
        while (vacating) {
            if (trying || !awaitChange(end)) {
                throw new DmaBufException(
                        Reason.BUSY, "the storage of buffer " + buffer.want().name() + " is about to move");
            }
        }
    }
}
