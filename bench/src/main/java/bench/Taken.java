// SPDX-License-Identifier: Apache-2.0
package bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the sides of a row came to, round by round.
 *
 * @param numbers of the sides that took part
 * @param skipped why others did not
 */
record Taken(Map<Side, List<Double>> numbers, Map<Side, String> skipped) {
    Taken() {
        this(new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    void add(Side side, double number) {
        numbers.computeIfAbsent(side, _ -> new ArrayList<>()).add(number);
    }

    void skip(Side side, String why) {
        skipped.put(side, why);
    }

    Figures figures(Row row, Line line) {
        Optional<String> why = Stream.of(line.ours(), line.against())
                .flatMap(side -> Stream.ofNullable(skipped.get(side)))
                .findFirst();
        return why.isPresent()
                ? Figures.skipped(row, line, why.get())
                : new Figures(row, line, of(line.ours()), of(line.against()), why);
    }

    private List<Double> of(Side side) {
        return numbers.getOrDefault(side, List.of());
    }

    /** Returns a line for each side of the row, in its order, which {@link #parse} reads. */
    String text(Row row) {
        StringBuilder text = new StringBuilder();
        for (Side side : row.sides()) {
            text.append(skipped.containsKey(side)
                            ? "skipped: " + skipped.get(side)
                            : of(side).stream().map(Object::toString).collect(Collectors.joining(" ")))
                    .append('\n');
        }
        return text.toString();
    }

    static Taken parse(Row row, List<String> lines) {
        Taken taken = new Taken();
        for (int i = 0; i < lines.size(); i++) {
            Side side = row.sides().get(i);
            if (lines.get(i).startsWith("skipped: ")) {
                taken.skip(side, lines.get(i).substring("skipped: ".length()));
            } else {
                Stream.of(lines.get(i).split(" ")).forEach(number -> taken.add(side, Double.parseDouble(number)));
            }
        }
        return taken;
    }
}
