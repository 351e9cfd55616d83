// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.shell.command.CommandError;
import dmabuf.shell.command.Guard;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Process;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The command that certifies an allocator's bundle beside a running gateway, which does not see it meanwhile. */
@Component(
        service = CertifyCommand.class,
        property = {"osgi.command.scope=dmabuf", "osgi.command.function=certify"})
public final class CertifyCommand {
    private final BundleContext context;

    /** Creates the command. */
    @Activate
    public CertifyCommand(BundleContext context) {
        this.context = context;
    }

    /** Prints the report itself: Gogo drops what a command answers that fails. */
    @Descriptor("try the allocator in a bundle by all that the SPI promises; the gateway itself does not see it")
    public void certify(
            CommandSession session,
            @Descriptor("FILE.jar [KEY=VALUE...] [--pid PID] [--device CONSTRAINTS] [--seed N] [--json]") String... words)
            throws InterruptedException {
        Console console = new Console(
                Process.Utils.current().in(), Process.Utils.current().out(), Process.Utils.current().err(),
                Path.of(Optional.ofNullable(System.getProperty("dmabuf.cwd")).orElse("")));
        try (Services services = new Services(context, console)) {
            if (Tasks.certify(List.of(words)).besideOthers().run(console, services) != 0) {
                Guard.fail(session);
            }
        } catch (UsageError | Services.Missing e) {
            console.err().println(CommandError.line(new IllegalArgumentException(e.getMessage(), e)));
            Guard.fail(session);
        } finally {
            console.flush();
        }
    }
}
