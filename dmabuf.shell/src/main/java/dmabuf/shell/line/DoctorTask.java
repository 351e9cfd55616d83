// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.api.Exporter;
import dmabuf.api.spi.Doctor;
import dmabuf.api.spi.Finding;
import dmabuf.shell.command.Answer;
import dmabuf.shell.usage.Arguments;
import dmabuf.shell.usage.UsageError;
import dmabuf.shell.view.DoctorView;
import java.util.List;

/** Says what this machine offers, what the allocators make of it, and what is missing; fails when something needed is. */
record DoctorTask(boolean json) implements Task {
    static DoctorTask of(Arguments arguments) {
        if (!arguments.words().isEmpty()) {
            throw new UsageError("doctor takes no words");
        }
        return new DoctorTask(arguments.has("--json"));
    }

    @Override
    public int run(Console console, Services services) throws InterruptedException {
        List<Finding> findings = findings(services, services.settled());
        console.out().print(answer(findings).asJson(json).text());
        return DoctorView.isWell(findings) ? 0 : 1;
    }

    /** Returns what there is to say of this machine and the gateway on it. */
    static List<Finding> findings(Services services, Exporter exporter) throws InterruptedException {
        Doctor doctor = services.need(Doctor.class, "dmabuf.board");
        return DoctorView.with(doctor.examine(), exporter.allocators(), exporter.devices());
    }

    static Answer answer(List<Finding> findings) {
        return new Answer(DoctorView.text(findings), findings.stream().map(DoctorView::data).toList());
    }
}
