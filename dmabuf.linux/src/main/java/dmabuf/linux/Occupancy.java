// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is inside a system call with an open file, so that nobody closes it under them: the number of a closed descriptor
 * may be another file's the next moment. Nobody waits: the last who comes out closes. Any thread may call.
 */
final class Occupancy {
    private int inside;
    private boolean over;
    private @Nullable Runnable owed;

    /** Comes in; false after {@link #end}. */
    synchronized boolean enter() {
        inside += over ? 0 : 1;
        return !over;
    }

    /** Does something, and comes out, after {@link #enter}. */
    <T> T leaveAfter(Supplier<T> action) {
        try {
            return action.get();
        } finally {
            leave();
        }
    }

    /** Lets nobody in any more, and closes when nobody is inside: now, or when the last comes out. The first call counts. */
    void end(Runnable close) {
        if (isLast(close)) {
            close.run();
        }
    }

    private void leave() {
        Runnable close = lastOut();
        if (close != null) {
            close.run();
        }
    }

    private synchronized boolean isLast(Runnable close) {
        if (over) {
            return false;
        }
        over = true;
        owed = inside == 0 ? null : close;
        return inside == 0;
    }

    private synchronized @Nullable Runnable lastOut() {
        inside--;
        return inside == 0 ? owed : null;
    }
}
