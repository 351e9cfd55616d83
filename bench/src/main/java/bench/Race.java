// SPDX-License-Identifier: Apache-2.0
package bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Measures one row: starts its sides, lets each warm up alone, and then lets them take turns. */
final class Race {
    private final Row row;
    private final Pace pace;
    private final Map<Side, Program> programs = new LinkedHashMap<>();
    private final Taken taken = new Taken();

    Race(Row row, Pace pace) {
        this.row = row;
        this.pace = pace;
    }

    Taken run() throws IOException {
        try {
            warmUp();
            programs.forEach((side, program) -> program.skipped().ifPresent(why -> taken.skip(side, why)));
            for (int round = 0; round < pace.rounds(row); round++) {
                takeTurns();
            }
            return taken;
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
                taken.add(entry.getKey(), entry.getValue().round());
            }
        }
    }
}
