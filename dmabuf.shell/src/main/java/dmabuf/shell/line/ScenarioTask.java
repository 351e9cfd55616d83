// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.shell.scenario.ScenarioRunner;
import java.util.List;

/** Runs scenario files. */
record ScenarioTask(List<String> files) implements Task {
    static Task of(Arguments arguments) {
        return new ScenarioTask(arguments.some("scenario file"));
    }

    @Override
    public int run(Console console, Services services) throws InterruptedException {
        ScenarioRunner runner = new ScenarioRunner(services.forSandboxes(), console.out());
        for (String file : files) {
            runner.run(file, console.file(file));
            console.flush();
        }
        console.out().println(runner.summary());
        return runner.failed() == 0 ? 0 : 1;
    }
}
