// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.api.DmaBufException;
import dmabuf.shell.command.CommandError;
import dmabuf.shell.usage.UsageError;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Runs the task of the command line, where there is one, on a thread of its own: services come and go while it waits for
 * what it needs, and the end of the process stops this very bundle.
 */
@Component(service = {})
public final class CommandLine {
    private static final String COUNT = "dmabuf.args.count";
    private static final String ARGUMENT = "dmabuf.args.";

    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    /** Creates the component; {@link #start} does the work. */
    public CommandLine() {}

    @Activate
    void start(BundleContext context) {
        List<String> arguments = arguments();
        if (!arguments.isEmpty()) {
            onItsOwn(() -> end(run(context, (console, services) -> Tasks.of(arguments).run(console, services))));
        } else if (System.getProperty("dmabuf.board.file") != null) {
            onItsOwn(() -> refuseBrokenBoard(context));
        }
    }

    private static void onItsOwn(Runnable work) {
        Thread.ofPlatform().name("dmabuf command line").start(work);
    }

    /** A gateway that cannot be the twin it shall be ends with the reason, before anybody takes it for that board. */
    private static void refuseBrokenBoard(BundleContext context) {
        int status = run(context, (console, services) -> {
            services.board();
            return 0;
        });
        if (status != 0) {
            end(status);
        }
    }

    /** Takes the arguments: a bundle that is started again does not run them again. */
    private static List<String> arguments() {
        int count = Integer.getInteger(COUNT, 0);
        System.clearProperty(COUNT);
        return IntStream.range(0, count)
                .mapToObj(i -> Optional.ofNullable(System.getProperty(ARGUMENT + i)).orElse(""))
                .toList();
    }

    private static int run(BundleContext context, Task task) {
        Console console = Console.ofProcess();
        try (Services services = new Services(context, console)) {
            return task.run(console, services);
        } catch (UsageError e) {
            console.say(e.getMessage() + "\n" + Tasks.USAGE);
            return MISUSED;
        } catch (DmaBufException | Services.Missing e) {
            console.say(CommandError.line(e));
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        } catch (RuntimeException | Error e) {
            console.say("unexpected: " + e);
            e.printStackTrace(console.err());
            return FAILED;
        } finally {
            console.flush();
        }
    }

    @SuppressWarnings("SystemExitOutsideMain") // The status of the task is the status of the process.
    private static void end(int status) {
        System.exit(status);
    }
}
