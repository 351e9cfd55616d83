// SPDX-License-Identifier: Apache-2.0
package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** What came out, for programs: JSON with every round, CSV with a line for each comparison; for pages: Markdown and SVG. */
record Results(List<Figures> figures, Pace pace) {
    private static final String BEGIN = "<!-- what bench/run --keep writes -->\n";
    private static final String END = "<!-- to here -->\n";

    void writeBelow(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("table.json"), json());
        Files.writeString(folder.resolve("table.csv"), csv());
        Files.writeString(folder.resolve("table.md"), markdown());
        Files.writeString(folder.resolve("table.svg"), new Picture(figures).toString());
    }

    /** Writes what is kept with the sources: the table and the picture beside the programs, and both into the README. */
    void keep(Path root) throws IOException {
        Path results = root.resolve("bench/results");
        writeBelow(results);
        Files.delete(results.resolve("table.md"));
        Path readme = root.resolve("README.md");
        String text = Files.readString(readme);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(readme + " has no place between the lines " + BEGIN.strip() + " and " + END.strip());
        }
        String told = BEGIN + "\n" + markdown() + "\n" + Machine.describe() + ".\n\n"
                + "![how far each row is from its reach](bench/results/table.svg)\n\n";
        Files.writeString(readme, text.substring(0, begin) + told + text.substring(end));
    }

    private String json() {
        String rows = figures.stream().map(this::json).collect(Collectors.joining(",\n    "));
        return """
                {
                  "machine": %s,
                  "quick": %s,
                  "rounds": %d,
                  "lines": [
                    %s
                  ]
                }
                """.formatted(quoted(Machine.describe()), pace.quick(), pace.rounds(), rows);
    }

    private String json(Figures each) {
        Line line = each.line();
        String begin = "{\"row\": %s, \"name\": %s, \"work\": %s, \"unit\": %s, \"ours\": %s, \"against\": %s, ".formatted(
                quoted(each.row().number()), quoted(each.row().name()), quoted(line.work()), quoted(each.row().unit()),
                quoted(line.ours().label()), quoted(line.against().label()));
        if (each.skipped().isPresent()) {
            return begin + "\"skipped\": " + quoted(each.skipped().get()) + "}";
        }
        String reach = line.reach().isStated()
                ? ", \"reach\": %s, \"atMost\": %s, \"reached\": %s"
                        .formatted(line.reach().limit(), line.reach().atMost(), each.isReached())
                : "";
        return begin + "\"oursByRound\": %s, \"againstByRound\": %s, \"value\": %s, \"least\": %s, \"most\": %s%s}".formatted(
                each.ours(), each.against(), each.value(), each.least(), each.most(), reach);
    }

    private String csv() {
        return "row,name,work,unit,ours,against,opponent,value,least,most,reach,reached\n"
                + figures.stream().map(Results::csv).collect(Collectors.joining());
    }

    private static String csv(Figures each) {
        Line line = each.line();
        Words words = new Words(each);
        boolean skipped = each.skipped().isPresent();
        List<Object> cells = List.of(
                each.row().number(), each.row().name(), quoted(line.work()), each.row().unit(),
                skipped ? "" : each.our(), skipped ? "" : each.their(), quoted(line.against().label()),
                skipped ? "" : each.value(), skipped ? "" : each.least(), skipped ? "" : each.most(),
                words.reach(), words.reached());
        return cells.stream().map(Object::toString).collect(Collectors.joining(",")) + "\n";
    }

    String markdown() {
        return "| # | work | ours | against | ratio | spread | reach | reached |\n|---|---|---|---|---|---|---|---|\n"
                + figures.stream().map(Results::markdown).collect(Collectors.joining());
    }

    private static String markdown(Figures each) {
        Words words = new Words(each);
        return each.skipped().isPresent()
                ? "| %s | %s | | | | | %s | skipped |\n".formatted(each.row().number(), each.line().work(), words.reach())
                : "| %s | %s | %s | %s | %s | %s | %s | %s |\n".formatted(
                        each.row().number(), each.line().work(), words.ours(), words.against(), words.value(), words.spread(),
                        words.reach(), words.reached());
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "'").replace("\n", "\\n").replace("\t", " ") + '"';
    }
}
