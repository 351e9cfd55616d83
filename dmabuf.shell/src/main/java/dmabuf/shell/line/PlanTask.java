// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBufException;
import dmabuf.api.Plan;
import dmabuf.api.Quantity;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Sandbox;
import dmabuf.shell.command.Choices;
import dmabuf.shell.scenario.BoardModel;
import dmabuf.shell.scenario.ScenarioServices;
import dmabuf.shell.text.Json;
import dmabuf.shell.usage.Arguments;
import dmabuf.shell.usage.UsageError;
import dmabuf.shell.view.PlanView;
import java.util.List;
import java.util.Optional;

/** Plans a buffer on a board that is not this machine. */
record PlanTask(String board, long byteSize, List<String> devices, boolean json) implements Task {
    static Task of(Arguments arguments) {
        return new PlanTask(
                arguments.required("--board"), size(arguments.required("--size")),
                Choices.devices(arguments.some("device")), arguments.has("--json"));
    }

    private static long size(String word) {
        try {
            return Quantity.parse(word);
        } catch (DmaBufException e) {
            throw new UsageError("--size " + e.getMessage());
        }
    }

    @Override
    public int run(Console console, Services services) throws InterruptedException {
        ScenarioServices runtime = services.forSandboxes();
        Board tree = runtime.boards().read(console.file(board), Optional.empty());
        try (Sandbox sandbox = runtime.sandboxes().open()) {
            BoardModel.of(tree, runtime).populate(sandbox);
            Plan plan = sandbox.exporter("plan").plan(BufferRequest.ofSize(byteSize), devices);
            console.out().print(json ? Json.write(PlanView.data(plan)) + "\n" : text(tree, plan));
            return plan.refusal().isEmpty() ? 0 : 1;
        }
    }

    private String text(Board tree, Plan plan) {
        return "On " + (tree.model().isEmpty() ? board : tree.model()) + ", " + PlanView.text(plan);
    }
}
