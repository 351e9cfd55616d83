// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.shell.scenario.ScenarioRunner;
import dmabuf.shell.usage.Arguments;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Runs scenario files. */
record ScenarioTask(List<String> files) implements Task {
    private static final Duration PROGRESS = Duration.ofSeconds(2);

    static Task of(Arguments arguments) {
        return new ScenarioTask(arguments.some("scenario file"));
    }

    @Override
    public int run(Console console, Services services) throws InterruptedException {
        ScenarioRunner runner = new ScenarioRunner(services.forSandboxes(), console.out(), progress(console));
        for (String file : files) {
            runner.run(file, console.file(file));
            console.flush();
        }
        console.out().println(runner.summary());
        return runner.failed() == 0 ? 0 : 1;
    }

    /** Says now and then how far it is. */
    private static Consumer<ScenarioRunner> progress(Console console) {
        long[] told = {System.nanoTime()};
        return runner -> {
            if (System.nanoTime() - told[0] > PROGRESS.toNanos()) {
                told[0] = System.nanoTime();
                console.flush();
                console.say(runner.summary() + " so far");
            }
        };
    }
}
