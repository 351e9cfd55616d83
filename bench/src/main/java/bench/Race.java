// SPDX-License-Identifier: Apache-2.0
package bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Measures one row: starts its sides, lets each warm up alone, and then lets them take turns. */
final class Race {
    private final Row row;
    private final Pace pace;
    private final Map<Side, Program> programs = new LinkedHashMap<>();
    private final Map<Side, List<Double>> numbers = new LinkedHashMap<>();

    Race(Row row, Pace pace) {
        this.row = row;
        this.pace = pace;
    }

    List<Figures> run() throws IOException {
        try {
            warmUp();
            for (int round = 0; round < pace.rounds(); round++) {
                takeTurns();
            }
            return row.lines().stream().map(this::figures).toList();
        } finally {
            programs.values().forEach(Program::close);
        }
    }

    /** In a quick run all at once: it is soon over, and the numbers mean little. */
    private void warmUp() throws IOException {
        for (Side side : row.sides()) {
            Program program = new Program(side, pace, programs.size());
            programs.put(side, program);
            if (!pace.quick()) {
                program.awaitReady();
            }
        }
        for (Program program : programs.values()) {
            if (pace.quick()) {
                program.awaitReady();
            }
        }
    }

    private void takeTurns() throws IOException {
        for (Map.Entry<Side, Program> entry : programs.entrySet()) {
            if (entry.getValue().skipped().isEmpty()) {
                numbers.computeIfAbsent(entry.getKey(), _ -> new ArrayList<>()).add(entry.getValue().round());
            }
        }
    }

    private Figures figures(Line line) {
        for (Side side : List.of(line.ours(), line.against())) {
            Program program = programs.get(side);
            if (program != null && program.skipped().isPresent()) {
                return Figures.skipped(row, line, program.skipped().get());
            }
        }
        List<Double> none = List.of();
        return new Figures(
                row, line, numbers.getOrDefault(line.ours(), none), numbers.getOrDefault(line.against(), none),
                Optional.empty());
    }
}
