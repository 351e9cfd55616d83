// SPDX-License-Identifier: Apache-2.0
package bench;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What one line came to.
 *
 * @param row whose line it is
 * @param ours the numbers of the rounds; empty when it was skipped
 * @param against the numbers of the same rounds
 * @param skipped why it was
 */
record Figures(Row row, Line line, List<Double> ours, List<Double> against, Optional<String> skipped) {
    Figures {
        ours = List.copyOf(ours);
        against = List.copyOf(against);
    }

    static Figures skipped(Row row, Line line, String why) {
        return new Figures(row, line, List.of(), List.of(), Optional.of(why));
    }

    double our() {
        return median(ours.stream().mapToDouble(Double::doubleValue).toArray());
    }

    double their() {
        return median(against.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Returns what is compared with the reach: computed from the medians of both sides. */
    double value() {
        return line.measure().of(our(), their());
    }

    /** Returns the least that one round came to. */
    double least() {
        return Arrays.stream(perRound()).min().orElse(Double.NaN);
    }

    /** Returns the most that one round came to. */
    double most() {
        return Arrays.stream(perRound()).max().orElse(Double.NaN);
    }

    boolean isReached() {
        return line.reach().isReachedBy(value());
    }

    private double[] perRound() {
        double[] values = new double[ours.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = line.measure().of(ours.get(i), against.get(i));
        }
        return values;
    }

    private static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
