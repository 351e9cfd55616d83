// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one compaction of an allocator run at a time, and tells requests that met one: between the allocator's move and
 * the core's commit a place may seem taken twice. Who runs a compaction waits for no other lock.
 */
final class CompactionGate {
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();

    /** Begins a compaction; false when another one was under way, which has ended when this returns. */
    boolean begin() {
        if (lock.tryLock()) {
            begun.incrementAndGet();
            return true;
        }
        awaitEnd();
        return false;
    }

    void end() {
        ended.incrementAndGet();
        lock.unlock();
    }

    /** Returns how many compactions have ended. */
    long ended() {
        return ended.get();
    }

    /** Returns whether a compaction was under way then, or has begun since; waits for its end. */
    boolean metOneSince(long endedThen) {
        if (begun.get() == endedThen) {
            return false;
        }
        awaitEnd();
        return true;
    }

    private void awaitEnd() {
        lock.lock();
        try {
            // having it is all that was waited for
        } finally {
            lock.unlock();
        }
    }
}
