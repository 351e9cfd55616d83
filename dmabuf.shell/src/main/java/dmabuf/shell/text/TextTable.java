// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.text;

import java.util.ArrayList;
import java.util.List;

/** Rows under a heading, in columns as wide as they need; the last column is not padded. */
public final class TextTable {
    private final List<List<String>> rows = new ArrayList<>();

    /** Creates a table with these headings. */
    public TextTable(String... headings) {
        rows.add(List.of(headings));
    }

    /** Adds a row; an empty cell is shown as a dash. */
    public TextTable row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    /** Returns whether there is nothing but the headings. */
    public boolean isEmpty() {
        return rows.size() == 1;
    }

    /** Returns the lines, each indented by so many blanks and with its line end. */
    public String format(int indent) {
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(" ".repeat(indent));
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column).isEmpty() ? "-" : row.get(column);
                line.append(cell).append(" ".repeat(width(column) - cell.length() + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream()
                .filter(row -> row.size() > column)
                .mapToInt(row -> Math.max(1, row.get(column).length()))
                .max()
                .orElse(0);
    }

    /** Returns the lines without indentation. */
    @Override
    public String toString() {
        return format(0);
    }
}
