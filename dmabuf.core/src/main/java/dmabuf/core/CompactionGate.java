// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.concurrent.Semaphore;

/** Lets one compaction of an allocator run at a time. Who runs one waits for no other lock. */
final class CompactionGate {
    private final Semaphore turn = new Semaphore(1);

    /** Begins a compaction; false when another one was under way, which has ended when this returns. */
    boolean begin() {
        if (turn.tryAcquire()) {
            return true;
        }
        turn.acquireUninterruptibly();
        turn.release();
        return false;
    }

    void end() {
        turn.release();
    }
}
