// SPDX-License-Identifier: Apache-2.0
package bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Measures rows one after the other, says how far it is, and writes what came out. {@code bench/run} starts it. */
public final class Bench {
    private final Pace pace;
    private final boolean keeping;
    private int failed;

    private Bench(Pace pace, boolean keeping) {
        this.pace = pace;
        this.keeping = keeping;
    }

    /**
     * Measures: {@code list|profile|quick|full|keep [ROW...]}, or in a guest of the lab {@code guest|guest-quick ROW}. The status
     * is 1 when something could not be measured; what is measured
     * may be slow.
     */
    public static void main(String[] words) throws IOException {
        if (words[0].equals("list")) {
            Rows.all().forEach(row -> System.out.printf("%-3s %-14s %s%n", row.number(), row.name(), row.lines().getFirst().work()));
            return;
        }
        List<String> wanted = List.of(words).subList(1, words.length);
        wanted.forEach(Bench::check);
        if (words[0].equals("profile")) {
            for (Row row : Rows.all().stream().filter(row -> wanted.stream().anyMatch(row::isCalled)).toList()) {
                Profile.print(row, Pace.FULL);
            }
            return;
        }
        Pace pace = Pace.of(words[0]);
        System.exit(words[0].startsWith("guest") ? take(wanted.getFirst(), pace) : new Bench(pace, words[0].equals("keep")).run(wanted));
    }

    /** Prints the rounds of a row, for the one who has booted this guest. */
    private static int take(String name, Pace pace) throws IOException {
        Row row = Rows.all().stream().filter(each -> each.isCalled(name)).findFirst().orElseThrow();
        System.out.print(new Race(row, pace).run().text(row));
        return 0;
    }

    private static void check(String name) {
        if (Rows.all().stream().noneMatch(row -> row.isCalled(name))) {
            say("there is no row " + name + ": see bench/run --list");
            System.exit(2);
        }
    }

    private int run(List<String> wanted) throws IOException {
        List<Row> rows = Rows.all().stream()
                .filter(row -> wanted.isEmpty() ? row.quick() || !pace.quick() : wanted.stream().anyMatch(row::isCalled))
                .toList();
        List<Figures> figures = new ArrayList<>();
        for (Row row : rows) {
            say((rows.indexOf(row) + 1) + " of " + rows.size() + ": row " + row.number() + " " + row.name() + " ...");
            figures.addAll(measured(row));
        }
        System.out.print(new Table(figures));
        Results results = new Results(figures, pace);
        results.writeBelow(Pace.target());
        if (keeping && failed == 0) {
            results.keep(Pace.root());
        }
        return failed == 0 ? 0 : 1;
    }

    private List<Figures> measured(Row row) {
        try {
            if (Lab.isNeeded(row)) {
                return Lab.run(row, pace);
            }
            Taken taken = new Race(row, pace).run();
            return row.lines().stream().map(line -> taken.figures(row, line)).toList();
        } catch (IOException e) {
            failed++;
            say("row " + row.number() + " could not be measured: " + e.getMessage());
            return row.lines().stream().map(line -> Figures.skipped(row, line, "failed: " + e.getMessage())).toList();
        }
    }

    private static void say(String text) {
        System.err.println("bench: " + text);
    }
}
