// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import org.jspecify.annotations.Nullable;

/**
 * The lock of one buffer. While it is held foreign code may run on other threads, each call with a deadline, so it is
 * always free again within a bounded time. A thread that holds it waits for no other buffer's: of others it only
 * tries. Only who has that of a set's pattern waits for those of the set's buffers.
 *
 * <p>There are as many as buffers: so it is a synchronizer instead of having one, and has a condition only once somebody
 * waited. Who holds it may take it again. Its state counts how often its holder has it.
 */
@SuppressWarnings("serial") // nobody writes a buffer's lock to a stream
final class BufferLock extends AbstractQueuedSynchronizer {
    /** Made when somebody waits for the first time; guarded by the lock. */
    private transient @Nullable Changes changed;

    /** What is waited for with the lock free. */
    private final class Changes extends ConditionObject {
        private boolean vacating;
    }

    @Override
    protected boolean tryAcquire(int once) {
        int count = getState();
        if (count == 0) {
            if (!compareAndSetState(0, once)) {
                return false;
            }
            setExclusiveOwnerThread(Thread.currentThread());
            return true;
        }
        if (!isMine()) {
            return false;
        }
        setState(count + once);
        return true;
    }

    @Override
    protected boolean tryRelease(int once) {
        if (!isMine()) {
            throw new IllegalMonitorStateException();
        }
        int left = getState() - once;
        if (left == 0) {
            setExclusiveOwnerThread(null);
        }
        setState(left);
        return left == 0;
    }

    @Override
    protected boolean isHeldExclusively() {
        return isMine();
    }

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
        return tryAcquire(1);
    }

    /** Takes the lock within some nanoseconds, not interruptibly. */
    boolean enterWithin(long nanos) {
        long end = System.nanoTime() + nanos;
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return tryAcquireNanos(1, end - System.nanoTime());
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
        acquire(1);
    }

    void leave() {
        release(1);
    }

    /** Runs an action with the lock free, which the caller has, and has again. */
    void whileFree(Runnable action) {
        leave();
        try {
            action.run();
        } finally {
            enter();
        }
    }

    /** Returns whether the calling thread has it. */
    boolean isMine() {
        return getExclusiveOwnerThread() == Thread.currentThread();
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
        try {
            return changes().awaitNanos(end - System.nanoTime()) > 0;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Changes changes() {
        Changes known = changed;
        if (known == null) {
            known = new Changes();
            changed = known;
        }
        return known;
    }

    /** Sets whether new holders shall wait, because somebody waits for the present ones to let go. */
    void setVacating(boolean value) {
        changes().vacating = value;
        signal();
    }

    boolean isVacating() {
        return changed != null && changed.vacating;
    }

    /** Waits until nobody waits for holders to let go; BUSY for a try, and after the deadline. */
    void awaitNotVacating(boolean trying, Buffer buffer) {
        if (!isVacating()) {
            return;
        }
        long end = System.nanoTime() + buffer.patience();
        while (isVacating()) {
            if (trying || !awaitChange(end)) {
                throw new DmaBufException(
                        Reason.BUSY, "the storage of buffer " + buffer.want().name() + " is about to move");
            }
        }
    }
}
