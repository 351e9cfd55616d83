// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.shell.usage.Arguments;
import dmabuf.shell.usage.UsageError;
import java.util.List;

/** Reads command lines. */
final class Tasks {
    static final String USAGE =
            """
            usage: ./gateway scenario FILE...
                   ./gateway board FILE.dtb... [--all] [--json]
                   ./gateway plan --board FILE.dtb --size N DEVICE... [--json]
                   ./gateway certify FILE.jar [KEY=VALUE...] [--pid PID] [--device CONSTRAINTS] [--seed N] [--json]
                   ./gateway doctor [--json]
                   ./gateway [--board FILE.dtb] -c 'COMMANDS'""";

    private Tasks() {}

    /** Returns the task of a command line; a usage error when it is none. */
    static Task of(List<String> arguments) {
        List<String> rest = arguments.subList(1, arguments.size());
        return switch (arguments.getFirst()) {
            case "scenario" -> ScenarioTask.of(Arguments.of(rest));
            case "board" -> BoardTask.of(Arguments.of(rest, "--all", "--json"));
            case "plan" -> PlanTask.of(Arguments.of(rest, "--json", "--board=", "--size="));
            case "certify" -> CertifyTask.of(Arguments.of(rest, "--json", "--pid=", "--device=", "--seed="));
            case "doctor" -> DoctorTask.of(Arguments.of(rest, "--json"));
            case "-c" -> SessionTask.of(rest);
            case String word -> throw new UsageError("unknown command '" + word + "'");
        };
    }
}
