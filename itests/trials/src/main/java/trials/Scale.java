// SPDX-License-Identifier: Apache-2.0
package trials;

import java.time.Duration;

/** How much of a row is run: all of it, or with {@code -Dtrials.scale=0.01} a hundredth. */
public final class Scale {
    private static final double SCALE = Double.parseDouble(System.getProperty("trials.scale", "1"));

    private Scale() {}

    /** Returns how often to do what the full row does so often; at least once. */
    public static int of(int full) {
        return (int) Math.max(1, Math.round(full * SCALE));
    }

    /** Returns how long to do what the full row does so long; at least a second. */
    public static Duration of(Duration full) {
        return Duration.ofMillis(Math.max(1000, Math.round(full.toMillis() * SCALE)));
    }
}
