// SPDX-License-Identifier: Apache-2.0
package bench.work;

/** What a side was told by {@code -Dname=value}. */
final class Input {
    private Input() {}

    static String text(String name, String otherwise) {
        return System.getProperty(name, otherwise);
    }

    static long number(String name, long otherwise) {
        return Long.getLong(name, otherwise);
    }

    static int count(String name, int otherwise) {
        return Integer.getInteger(name, otherwise);
    }

    /** Returns how long a round lasts. */
    static long roundNanos() {
        return Long.parseLong(System.getenv("BENCH_ROUND_MILLIS")) * 1_000_000;
    }

    /** Returns of how many seeds a round takes the mean. */
    static int seeds() {
        return Integer.parseInt(System.getenv("BENCH_SEEDS"));
    }

    /** Returns how long a side warms up. */
    static long warmNanos() {
        return Long.parseLong(System.getenv("BENCH_WARM_MILLIS")) * 1_000_000;
    }
}
