// SPDX-License-Identifier: Apache-2.0
package bench;

/**
 * One line of the table: a comparison.
 *
 * @param work what is done
 * @param ours the runtime
 * @param against the opponent; for a line about a value, which is compared with nothing, ours again
 * @param measure what is computed from a round of both
 * @param reach what it should come to
 */
record Line(String work, Side ours, Side against, Measure measure, Reach reach) {
    /** What is computed from the numbers of one round. */
    enum Measure {
        /** Ours by the opponent's: how many times as long. */
        RATIO,
        /** Twice the opponent's by ours: the throughput of two threads, each so long for one operation, in that of one. */
        THROUGHPUT,
        /** Ours as it is. */
        VALUE;

        double of(double ours, double against) {
            return switch (this) {
                case RATIO -> ours / against;
                case THROUGHPUT -> 2 * against / ours;
                case VALUE -> ours;
            };
        }
    }

    /**
     * A bound.
     *
     * @param limit the bound; NaN for a line that only informs
     * @param atMost whether less is better
     */
    record Reach(double limit, boolean atMost) {
        static final Reach NONE = new Reach(Double.NaN, true);

        static Reach atMost(double limit) {
            return new Reach(limit, true);
        }

        static Reach atLeast(double limit) {
            return new Reach(limit, false);
        }

        boolean isStated() {
            return !Double.isNaN(limit);
        }

        boolean isReachedBy(double value) {
            return atMost ? value <= limit : value >= limit;
        }
    }

    static Line of(String work, Side ours, Side against, Reach reach) {
        return new Line(work, ours, against, Measure.RATIO, reach);
    }

    /** Returns this line as one of somewhere else. */
    Line in(String place) {
        return new Line(work + ", in " + place, ours, against, measure, reach);
    }

    static Line value(String work, Side ours, Reach reach) {
        return new Line(work, ours, ours, Measure.VALUE, reach);
    }
}
