// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.DmaBufException;
import dmabuf.api.DmaBufListener;
import dmabuf.api.EventKind;
import dmabuf.api.Exporter;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.shell.usage.Arguments;
import dmabuf.shell.usage.UsageError;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Process;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Tells events as they happen: a listener that is registered while the command runs. */
@Component(
        immediate = true,
        service = WatchCommand.class,
        property = {"osgi.command.scope=dmabuf", "osgi.command.function=watch"})
public final class WatchCommand {
    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final BundleContext context;

    /** Creates the command; the exporter says that there is a runtime which tells something. */
    @Activate
    public WatchCommand(BundleContext context, @Reference Exporter exporter) {
        this.context = context;
    }

    @Descriptor("tell what happens, a line each, until Ctrl-C")
    public @Nullable Answer watch(
            CommandSession session, @Descriptor("see dmabuf:help watch") String[] words) {
        return Guard.run(session, "watch", words, arguments -> {
            long count = number(arguments, "--count").orElse(Long.MAX_VALUE);
            Duration time = number(arguments, "--for").map(Duration::ofSeconds).orElse(FOREVER);
            Watch watch = new Watch(Process.Utils.current().out(), arguments.has("--json"), count);
            if (!run(watch, time, arguments.has("--cpu")) && arguments.value("--count").isPresent()) {
                throw new DmaBufException(
                        Reason.TIMED_OUT, "fewer than " + count + " events within " + time.toSeconds() + " s");
            }
            return null;
        });
    }

    /** Answers whether there were enough events; Ctrl-C is the end that somebody chose, and so enough. */
    private boolean run(Watch watch, Duration time, boolean cpu) {
        Collection<EventKind> kinds = cpu ? EnumSet.allOf(EventKind.class) : EventKind.usual();
        Map<String, Object> properties =
                Map.of(DmaBufListener.KINDS, kinds.stream().map(EventKind::name).toArray(String[]::new));
        ServiceRegistration<DmaBufListener> registration =
                context.registerService(DmaBufListener.class, watch, FrameworkUtil.asDictionary(properties));
        try {
            return watch.await(time);
        } catch (InterruptedException _) {
            return true;
        } finally {
            watch.end();
            registration.unregister();
        }
    }

    private static Optional<Long> number(Arguments arguments, String option) {
        return arguments.value(option).map(word -> {
            long number = Quantity.parse(word);
            if (number < 1 || number > FOREVER.toSeconds()) {
                throw new UsageError(option + " is a number from 1 on, not " + word);
            }
            return number;
        });
    }
}
