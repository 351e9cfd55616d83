// SPDX-License-Identifier: Apache-2.0
package bench;

import java.nio.file.Path;

/**
 * How long things are measured.
 *
 * @param quick whether only to see that it works
 * @param rounds how often the sides take turns
 * @param roundMillis how long one side measures in one round
 * @param warmMillis how long a side in Java warms up
 * @param seeds of how many a round takes the mean, where chance has a part
 */
record Pace(boolean quick, int rounds, int roundMillis, int warmMillis, int seeds) {
    static final Pace FULL = new Pace(false, 7, 400, 3_000, 1_000);
    static final Pace QUICK = new Pace(true, 5, 30, 1_000, 20);

    /** An emulated processor is some thirty times slower, and so is what compiles. */
    static final Pace GUEST = new Pace(false, 7, 2_000, 30_000, 20);

    private static final int FEWEST = 5;

    /** Returns how often the sides of a row take turns: what takes long has the fewest rounds that the table allows. */
    int rounds(Row row) {
        return row.quick() ? rounds : Math.min(rounds, FEWEST);
    }

    static Pace of(String word) {
        return switch (word) {
            case "quick", "guest-quick" -> QUICK;
            case "guest" -> GUEST;
            default -> FULL;
        };
    }

    static Path root() {
        return Path.of(System.getProperty("bench.root"));
    }

    static Path target() {
        return root().resolve("bench/target");
    }
}
