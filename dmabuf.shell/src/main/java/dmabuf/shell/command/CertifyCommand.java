// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.Quantity;
import dmabuf.api.spi.BoardReader;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.SandboxFactory;
import dmabuf.shell.certify.Certification;
import dmabuf.shell.certify.NotCertifiable;
import dmabuf.shell.certify.Report;
import dmabuf.shell.certify.ReportView;
import dmabuf.shell.certify.Tools;
import dmabuf.shell.certify.Wishes;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The command that certifies an allocator's bundle beside a running gateway, which does not see it. */
@Component(
        service = CertifyCommand.class,
        property = {"osgi.command.scope=dmabuf", "osgi.command.function=certify"})
public final class CertifyCommand {
    private final BundleContext context;
    private final Tools tools;

    /** Creates the command. */
    @Activate
    public CertifyCommand(
            BundleContext context, @Reference SandboxFactory sandboxes, @Reference MemoryService memory,
            @Reference BoardReader boards) {
        this.context = context;
        this.tools = new Tools(sandboxes, memory, boards);
    }

    @Descriptor("try the allocator in a bundle by all that the SPI promises; the gateway itself does not see it")
    public @Nullable Answer certify(
            CommandSession session,
            @Descriptor("as JSON")
                    @Parameter(names = "--json", presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("the PID under which the bundle expects its configuration")
                    @Parameter(names = "--pid", absentValue = "") String pid,
            @Descriptor("constraints of a device that it serves, where it serves no ordinary one")
                    @Parameter(names = "--device", absentValue = "") String device,
            @Descriptor("what random requests follow from") @Parameter(names = "--seed", absentValue = "1") String seed,
            @Descriptor("the jar, and KEY=VALUE settings of its allocator") String... jar) {
        return Guard.run(session, () -> {
            Wishes wishes = new Wishes(file(jar), settings(jar), stated(pid), stated(device), Quantity.parse(seed));
            Report report = run(wishes);
            if (!report.isCertified()) {
                Guard.fail(session);
            }
            return new Answer(ReportView.text(report), ReportView.data(report)).asJson(json);
        });
    }

    private Report run(Wishes wishes) {
        try {
            return Certification.run(context, tools, wishes, _ -> {});
        } catch (NotCertifiable e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static Path file(String[] words) {
        if (words.length == 0) {
            throw new IllegalArgumentException("name a bundle: certify FILE.jar");
        }
        return Path.of(Optional.ofNullable(System.getProperty("dmabuf.cwd")).orElse("")).resolve(words[0]);
    }

    private static Map<String, String> settings(String[] words) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + words[i] + "' is no KEY=VALUE");
            }
            settings.put(words[i].substring(0, equals), words[i].substring(equals + 1));
        }
        return settings;
    }

    private static Optional<String> stated(String word) {
        return Optional.of(word).filter(text -> !text.isEmpty());
    }
}
