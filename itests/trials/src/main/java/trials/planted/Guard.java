// SPDX-License-Identifier: Apache-2.0
package trials.planted;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts the process in which guards run, on the classes of a module's tests, with or without changed classes before them. */
public final class Guard {
    /** A guard notices by failing. One that does not end has not noticed. */
    private static final long LIMIT_SECONDS = 120;

    /** As one of the rows wants it, and no other minds. */
    private static final List<String> FEW_DESCRIPTORS = List.of("bash", "-c", "ulimit -n 256; exec \"$@\"", "row");

    private final Path root;
    private final Path work;

    /**
     * Makes what runs guards.
     *
     * @param root the project, whose modules and tests are compiled
     * @param work a folder for what they print
     */
    public Guard(Path root, Path work) {
        this.root = root;
        this.work = work;
    }

    /** How a run ended, and what it printed. */
    public record Outcome(int exit, String output) {
        /** Returns whether it failed, or was killed by a signal of its own: a fault of memory. */
        public boolean isCaught() {
            return exit == GuardRun.FAILED || exit > 128;
        }

        /** Returns the line that says what was noticed. */
        String noticed() {
            return output.lines()
                    .filter(line -> line.startsWith("failed: "))
                    .findFirst()
                    .or(() -> output.lines().filter(line -> !line.isBlank()).findFirst())
                    .orElse("");
        }

        /** Returns whether all of them passed. */
        public boolean isPassed() {
            return exit == GuardRun.PASSED;
        }
    }

    /** Runs the guards of one module; a guard without a method is a program that ends with 0 or 1. */
    public Outcome run(String module, List<Path> before, List<String> guards) throws IOException, InterruptedException {
        boolean isTest = guards.getFirst().contains("#");
        List<String> command = new ArrayList<>(isTest ? List.of() : FEW_DESCRIPTORS);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null",
                "-XX:TieredStopAtLevel=1", "-Dtrials.scale=0.01", "-Dtrials.root=" + root, "-cp", classPath(module, before)));
        if (isTest) {
            command.add(GuardRun.class.getName());
        }
        command.addAll(guards);
        Path output = Files.createTempFile(work, "guard", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(root.resolve(module).toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            return new Outcome(-1, "the guard does not end\n" + Files.readString(output));
        }
        return new Outcome(process.exitValue(), Files.readString(output));
    }

    /** Changed classes come first, then those of the module and its tests, then all that this process has. */
    private String classPath(String module, List<Path> before) {
        List<String> path = new ArrayList<>();
        before.forEach(folder -> path.add(folder.toString()));
        path.add(root.resolve(module).resolve("target/classes").toString());
        path.add(root.resolve(module).resolve("target/test-classes").toString());
        path.add(System.getProperty("java.class.path"));
        return String.join(File.pathSeparator, path);
    }
}
