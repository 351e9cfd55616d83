// SPDX-License-Identifier: Apache-2.0
package bench;

import java.util.List;

/** The table as one reads it on a terminal. */
record Table(List<Figures> figures) {
    private static final String LAYOUT = "%-4s %-40s %14s  %-34s %9s %19s %9s  %s%n";

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(
                "%n".formatted() + LAYOUT.formatted("ROW", "WORK", "OURS", "AGAINST", "RATIO", "SPREAD", "REACH", "REACHED"));
        for (Figures each : figures) {
            text.append(line(each));
        }
        long stated = figures.stream().filter(each -> each.skipped().isEmpty() && each.line().reach().isStated()).count();
        long reached = figures.stream()
                .filter(each -> each.skipped().isEmpty() && each.line().reach().isStated() && each.isReached())
                .count();
        return text + "%d of %d reached; medians of the rounds; the spread is the least and the most of one round%n"
                .formatted(reached, stated);
    }

    private static String line(Figures each) {
        Words words = new Words(each);
        String number = each.row().number();
        if (each.skipped().isPresent()) {
            return "%-4s %-40s skipped: %s%n".formatted(number, each.line().work(), each.skipped().get());
        }
        return LAYOUT.formatted(
                number, each.line().work(), words.ours(), words.against(), words.value(), words.spread(), words.reach(),
                words.reached());
    }
}
