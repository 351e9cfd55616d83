// SPDX-License-Identifier: Apache-2.0
package trials;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What threads of all bundles died of. */
final class Failures {
    private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();

    /** Listens from now on to all threads that have no handler of their own. */
    Failures() {
        Thread.setDefaultUncaughtExceptionHandler((_, thrown) -> uncaught.add(thrown));
    }

    /** Returns whether there is none. */
    boolean isEmpty() {
        return uncaught.isEmpty();
    }

    /** Throws the first, if there is one. */
    void check() {
        Throwable first = uncaught.peek();
        if (first != null) {
            throw new AssertionError(first.getMessage(), first);
        }
    }
}
