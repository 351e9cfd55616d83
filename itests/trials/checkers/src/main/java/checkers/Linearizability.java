// SPDX-License-Identifier: Apache-2.0
package checkers;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;
import trials.Row;
import trials.Scale;

/**
 * The row of Lincheck: it makes up short programs of the calls of each {@link Structure}, plays them in many interleavings,
 * switching threads where it will, or runs them many times, and compares the answers with those of every order of the calls.
 * The twin has to answer what no order explains.
 */
final class Linearizability {
    /** Status of a virtual machine in which Lincheck has found a schedule. */
    private static final int CAUGHT = 3;

    private static final int PROGRAMS = 20;
    private static final int SCHEDULES = 300;
    private static final int RUNS = 1_000;
    private static final long MOST_SECONDS = 300;

    private Linearizability() {}

    public static void main(String[] arguments) {
        if (arguments.length == 0) {
            Row.run(Linearizability::run);
        } else {
            check(Structure.valueOf(arguments[0]));
        }
    }

    private static String run(Row row) throws InterruptedException {
        Path folder = Places.fresh("lincheck");
        for (Structure structure : Structure.values()) {
            String name = structure.name().toLowerCase(Locale.ROOT);
            Path twin = structure.twin().compile(folder.resolve(name + ".twin"));
            expect(0, start(folder.resolve(name), Optional.empty(), structure), name);
            expect(CAUGHT, start(folder.resolve(name + ".twin"), Optional.of(twin), structure), "the twin of " + name);
            row.say(name + ": every answer has its order, and the twin is caught");
        }
        int count = Structure.values().length;
        return count + " structures, " + programs() + " programs each in many interleavings; " + count + " of " + count
                + " twins caught";
    }

    private static Child start(Path folder, Optional<Path> overlay, Structure structure) {
        return Child.start(folder, overlay, List.of(
                "-Xmx1g",
                "--add-opens=java.base/java.util=ALL-UNNAMED", // Lincheck looks into what it runs
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/java.util.regex=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.fs=ALL-UNNAMED",
                "-Dtrials.scale=" + System.getProperty("trials.scale", "1"),
                Linearizability.class.getName(),
                structure.name()));
    }

    private static void expect(int status, Child child, String name) throws InterruptedException {
        int actual = child.status(MOST_SECONDS);
        if (actual != status) {
            child.tell();
            throw new AssertionError(name + (status == CAUGHT ? " is not caught" : " fails") + ": status " + actual);
        }
    }

    private static int programs() {
        return Math.max(10, Scale.of(PROGRAMS));
    }

    private static void check(Structure structure) {
        try {
            options(structure)
                    .iterations(programs())
                    .minimizeFailedScenario(structure.modelled) // by chance: it would not fail again
                    .threads(2)
                    .actorsPerThread(3)
                    .actorsBefore(2)
                    .actorsAfter(1)
                    .check(structure.calls);
        } catch (LincheckAssertionError e) {
            System.out.println(e.getMessage());
            System.exit(CAUGHT);
        }
        System.exit(0);
    }

    /** Where a call takes many steps its interleavings are too many to be played. */
    private static Options<?, ?> options(Structure structure) {
        return structure.modelled
                ? new ModelCheckingOptions().invocationsPerIteration(SCHEDULES)
                : new StressOptions().invocationsPerIteration(RUNS);
    }
}
