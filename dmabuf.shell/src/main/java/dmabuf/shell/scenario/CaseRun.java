// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Sandbox;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Runs one case on a thread of its own. Stops at the first statement that does not come to what it says: what follows
 * would rest on it. A statement that does not end is left behind with its thread.
 */
final class CaseRun {
    private final ScenarioCase scenario;
    private final ScenarioServices services;
    private final Path folder;
    private final Duration limit;
    private volatile Progress progress;
    private volatile Optional<Failure> failure = Optional.empty();

    /** What the case is doing, since when, and how long that may take. */
    private record Progress(int line, String text, long since, Duration limit) {
        static Progress of(int line, String text, Duration limit) {
            return new Progress(line, text, System.nanoTime(), limit);
        }
    }

    /**
     * Why a case failed.
     *
     * @param line where
     * @param text what was expected and what came
     */
    record Failure(int line, String text) {}

    /**
     * Prepares a run.
     *
     * @param limit what a statement may take, besides the time that the case itself asks to wait
     */
    CaseRun(ScenarioCase scenario, ScenarioServices services, Path folder, Duration limit) {
        this.scenario = scenario;
        this.services = services;
        this.folder = folder;
        this.limit = limit;
        this.progress = Progress.of(scenario.line(), "opening the sandbox", limit);
    }

    /** Returns why the case failed, or empty when it passed. */
    Optional<Failure> run() throws InterruptedException {
        if (scenario.error().isPresent()) {
            ScenarioError error = scenario.error().get();
            return Optional.of(new Failure(error.line, error.text));
        }
        Thread thread = Thread.ofPlatform().daemon().name("scenario " + scenario.id()).start(this::play);
        while (!thread.join(Duration.ofMillis(100))) {
            Progress now = progress;
            if (System.nanoTime() - now.since() > now.limit().toNanos()) {
                thread.interrupt();
                return Optional.of(new Failure(
                        now.line(), now.text() + ": did not end within " + now.limit().toMillis() + " ms"));
            }
        }
        return failure;
    }

    private void play() {
        try (Sandbox sandbox = services.sandboxes().open()) {
            Stage stage = new Stage(sandbox, services, folder);
            Duration patience = patience();
            for (Statement statement : scenario.statements()) {
                progress = Progress.of(statement.line(), statement.text(), patience);
                failure = check(stage, statement);
                if (failure.isPresent()) {
                    break;
                }
            }
            progress = Progress.of(progress.line(), "closing the sandbox", limit);
        } catch (RuntimeException | Error e) {
            failure = failure.or(() -> Optional.of(unexpected(progress.line(), progress.text(), e)));
        }
    }

    /** A case may ask to wait. */
    private Duration patience() {
        long longest = 0;
        for (Statement statement : scenario.statements()) {
            longest = Math.max(longest, wait(statement.first()));
        }
        return limit.plusMillis(longest);
    }

    private static long wait(Options options) {
        try {
            long millis = Math.max(options.number("wait").orElse(0), options.number("hangs").orElse(0));
            return Math.min(millis, Duration.ofDays(1).toMillis());
        } catch (DmaBufException e) {
            // No number: the statement itself will say so.
            return 0;
        }
    }

    private static Optional<Failure> check(Stage stage, Statement statement) {
        try {
            Came came = stage.run(statement);
            return came.differs(statement.expectation(), statement.verb().facts, stage::fullName)
                    .map(instead -> new Failure(
                            statement.line(),
                            statement.text() + ": expected " + statement.expectation() + ", came " + instead));
        } catch (ScenarioError e) {
            return Optional.of(new Failure(e.line, e.text));
        } catch (ContentMismatch e) {
            return Optional.of(new Failure(statement.line(), statement.text() + ": " + e.getMessage()));
        } catch (RuntimeException | Error e) {
            return Optional.of(unexpected(statement.line(), statement.text(), e));
        }
    }

    private static Failure unexpected(int line, String text, Throwable thrown) {
        StackTraceElement[] stack = thrown.getStackTrace();
        String place = stack.length == 0 ? "" : " at " + stack[0];
        return new Failure(line, text + ": came an unexpected " + thrown + place);
    }
}
