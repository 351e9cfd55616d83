// SPDX-License-Identifier: Apache-2.0
package bench;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A row: sides that are measured in turn, A B C A B C, and what is computed from them.
 *
 * @param number as in the table of the README
 * @param name by which it is asked for
 * @param unit of the sides' numbers
 * @param note what each side does, and what bounds the work
 * @param quick whether it is a part of a quick run
 * @param device that is needed; where it is not there, a guest of the lab has it
 */
record Row(
        String number, String name, String unit, String note, boolean quick, Optional<String> device, List<Line> lines) {
    Row {
        lines = List.copyOf(lines);
    }

    static Row of(String number, String name, String unit, String note, Line... lines) {
        return new Row(number, name, unit, note, true, Optional.empty(), List.of(lines));
    }

    /** Returns this row as one that takes too long for a quick run. */
    Row slow() {
        return new Row(number, name, unit, note, false, device, lines);
    }

    /** Returns this row as one that needs a device. */
    Row needing(String node) {
        return new Row(number, name, unit, note, quick, Optional.of(node), lines);
    }

    /** Returns all sides, each once, in the order of the lines. */
    List<Side> sides() {
        return lines.stream()
                .flatMap(line -> Stream.of(line.ours(), line.against()))
                .distinct()
                .toList();
    }

    boolean isCalled(String text) {
        return text.equals(number) || text.equals(name);
    }
}
