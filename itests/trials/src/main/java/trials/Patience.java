// SPDX-License-Identifier: Apache-2.0
package trials;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for conditions: long, because one that comes true ends the wait at once. */
public final class Patience {
    private static final Duration LONG = Duration.ofSeconds(Long.getLong("trials.patience", 30));

    private Patience() {}

    /** Waits until a condition holds; fails with what was waited for after 30 s. */
    public static void until(String what, Callable<Boolean> condition) {
        until(() -> what, condition);
    }

    /** Waits until a condition holds; fails with what was waited for, as it then is, after 30 s. */
    public static void until(Supplier<String> what, Callable<Boolean> condition) {
        long began = System.nanoTime();
        while (!holds(condition)) {
            if (System.nanoTime() - began > LONG.toNanos()) {
                throw new AssertionError("not within " + LONG.toSeconds() + " s: " + what.get());
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static boolean holds(Callable<Boolean> condition) {
        try {
            return condition.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
