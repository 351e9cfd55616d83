// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs scenario files. Prints a line for each case that failed (file:line, what was expected, what came), and nothing
 * for one that passed.
 */
public final class ScenarioRunner {
    /** More than any statement can take that waits for deadlines of foreign code. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final ScenarioServices services;
    private final PrintStream out;
    private final Duration limit;
    private final Consumer<ScenarioRunner> afterEach;
    private int passed;
    private int failed;

    /** Creates a runner that prints failures as they happen. */
    public ScenarioRunner(ScenarioServices services, PrintStream out) {
        this(services, out, LIMIT, _ -> {});
    }

    /** Creates a runner that says after each case how far it is. */
    public ScenarioRunner(ScenarioServices services, PrintStream out, Consumer<ScenarioRunner> afterEach) {
        this(services, out, LIMIT, afterEach);
    }

    ScenarioRunner(ScenarioServices services, PrintStream out, Duration limit) {
        this(services, out, limit, _ -> {});
    }

    private ScenarioRunner(
            ScenarioServices services, PrintStream out, Duration limit, Consumer<ScenarioRunner> afterEach) {
        this.limit = limit;
        this.afterEach = afterEach;
        this.services = Objects.requireNonNull(services, "services");
        this.out = Objects.requireNonNull(out, "out");
    }

    /**
     * Runs the cases of a file one after the other; blocks until the last has ended. A file that cannot be read is one
     * failure.
     *
     * @param name the file as failures name it
     * @param file where it is
     */
    public void run(String name, Path file) throws InterruptedException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            fail(name, why(e));
            return;
        }
        run(name, lines, Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file));
    }

    /**
     * Runs cases one after the other; blocks until the last has ended.
     *
     * @param name what failures name
     * @param folder what the files of {@code board} are relative to
     */
    public void run(String name, List<String> lines, Path folder) throws InterruptedException {
        for (ScenarioCase each : ScenarioParser.parse(lines)) {
            Optional<CaseRun.Failure> failure = new CaseRun(each, services, folder, limit).run();
            if (failure.isPresent()) {
                fail(name + ":" + failure.get().line(), prefix(each) + failure.get().text());
            } else {
                passed++;
            }
            afterEach.accept(this);
        }
    }

    private static String prefix(ScenarioCase each) {
        return each.id().isEmpty() ? "" : "case " + each.id() + ": ";
    }

    private static String why(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "no such file";
            case CharacterCodingException coding -> "cannot be read: it is not UTF-8";
            default -> "cannot be read: " + e;
        };
    }

    private void fail(String place, String text) {
        failed++;
        out.println(place + ": " + text);
    }

    /** Returns how many cases passed. */
    public int passed() {
        return passed;
    }

    /** Returns how many cases and unreadable files failed. */
    public int failed() {
        return failed;
    }

    /** Returns the last line of a run: {@code N passed, N failed}. */
    public String summary() {
        return passed + " passed, " + failed + " failed";
    }
}
