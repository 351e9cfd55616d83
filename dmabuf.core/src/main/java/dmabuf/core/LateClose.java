// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes a scope that a running transfer may keep open: a channel or a native call that was given its segment. There is
 * nothing to wait on, so it is tried again, less and less often.
 */
final class LateClose {
    private static final long FIRST_NANOS = Duration.ofMillis(1).toNanos();
    private static final long LAST_NANOS = Duration.ofSeconds(1).toNanos();

    private LateClose() {}

    /** Closes it now, or as soon as the transfer has ended. Does not block. */
    static void of(Arena arena) {
        if (!isClosed(arena)) {
            Thread.ofVirtual().name("dmabuf-late-close").start(() -> retry(arena));
        }
    }

    private static void retry(Arena arena) {
        for (long wait = FIRST_NANOS; !isClosed(arena); wait = Math.min(2 * wait, LAST_NANOS)) {
            LockSupport.parkNanos(wait);
        }
    }

    private static boolean isClosed(Arena arena) {
        try {
            arena.close();
            return true;
        } catch (IllegalStateException e) {
            return !arena.scope().isAlive();
        }
    }
}
