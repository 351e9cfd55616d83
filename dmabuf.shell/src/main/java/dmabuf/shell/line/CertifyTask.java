// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.shell.certify.Certification;
import dmabuf.shell.certify.Finding;
import dmabuf.shell.certify.NotCertifiable;
import dmabuf.shell.certify.Report;
import dmabuf.shell.certify.ReportView;
import dmabuf.shell.certify.Tools;
import dmabuf.shell.certify.Wishes;
import dmabuf.shell.text.Json;
import dmabuf.shell.usage.Arguments;
import dmabuf.shell.usage.UsageError;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Certifies the allocator of a bundle. */
record CertifyTask(
        String jar, Map<String, String> settings, Optional<String> pid, Optional<String> device, long seed,
        boolean json, boolean alone) implements Task {
    static CertifyTask of(Arguments arguments) {
        List<String> words = arguments.some("bundle");
        Map<String, String> settings = new LinkedHashMap<>();
        for (String word : words.subList(1, words.size())) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new UsageError("'" + word + "' is no KEY=VALUE, and only one bundle is certified at a time");
            }
            settings.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return new CertifyTask(
                words.getFirst(), settings, arguments.value("--pid"), arguments.value("--device"),
                seed(arguments.value("--seed").orElse("1")), arguments.has("--json"), true);
    }

    /** Returns this task for a gateway that does other work as well. */
    CertifyTask besideOthers() {
        return new CertifyTask(jar, settings, pid, device, seed, json, false);
    }

    private static long seed(String word) {
        try {
            return Quantity.parse(word);
        } catch (DmaBufException e) {
            throw new UsageError("--seed " + e.getMessage());
        }
    }

    @Override
    public int run(Console console, Services services) throws InterruptedException {
        Path file = console.file(jar);
        Tools tools = services.forCertification();
        try {
            Report report = Certification.run(
                    services.context(), tools, new Wishes(file, settings, pid, device, seed), progress(console));
            console.out().print(json ? Json.write(ReportView.data(report)) + "\n" : ReportView.text(report));
            int status = report.isCertified() ? 0 : 1;
            if (report.stuck()) {
                leave(console, status);
            }
            return status;
        } catch (NotCertifiable e) {
            throw new UsageError(String.valueOf(e.getMessage()));
        }
    }

    /** A failure is news at once: what follows may take long, because it waits for what hangs. */
    private static Consumer<Finding> progress(Console console) {
        return finding -> {
            if (finding.isFailure()) {
                console.say(finding.id() + " failed, going on ...");
            }
        };
    }

    /** The framework would wait for the bundle for ever when it ends. */
    @SuppressWarnings("SystemExitOutsideMain")
    private void leave(Console console, int status) {
        if (alone) {
            console.say("the bundle does not stop: the gateway ends without it");
            console.flush();
            Runtime.getRuntime().halt(status);
        }
        console.say("the bundle does not stop, and stays until the process is killed");
    }
}
