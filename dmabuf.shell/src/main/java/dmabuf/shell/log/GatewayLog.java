// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.log;

import dmabuf.api.DmaBufException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogListener;
import org.osgi.service.log.LogReaderService;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Writes the log to files below the folder that the framework property {@value #FOLDER} names, and what is at least as grave
 * as the level in the framework property {@value #CONSOLE} to the error stream; without them, to neither. What was logged
 * before it started is written too, as far as the log service still has it and this bundle has not written it before it was
 * started again. Configured by the PID {@value #PID}; a wrong value leaves the old one in force.
 */
@Designate(ocd = LogConfiguration.class)
@Component(service = {}, configurationPid = GatewayLog.PID)
public final class GatewayLog {
    /** The PID of the configuration. */
    public static final String PID = "dmabuf.log";

    /** The framework property that names the folder of the files. */
    public static final String FOLDER = "dmabuf.log.folder";

    /** The framework property with the least level of what goes to the error stream. */
    public static final String CONSOLE = "dmabuf.log.console";

    /** The system property with the number of the last entry that was written in this process. */
    private static final String WRITTEN = "dmabuf.log.written";

    private final LogReaderService reader;
    private final Logger logger;
    private final Optional<Path> folder;
    private final Optional<LogSettings> console;
    private final PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    private final LogListener listener = this::logged;
    private final Set<Long> early = new HashSet<>();
    private volatile LogSettings settings = LogSettings.DEFAULT;
    private @Nullable LogFiles files;
    private long last = Long.getLong(WRITTEN, -1);

    /** Starts with a configuration. */
    @Activate
    public GatewayLog(
            BundleContext context,
            Map<String, Object> configuration,
            @Reference LogReaderService reader,
            @Reference(service = LoggerFactory.class) Logger logger) {
        this.reader = reader;
        this.logger = logger;
        folder = Optional.ofNullable(context.getProperty(FOLDER)).map(Path::of);
        console = Optional.ofNullable(context.getProperty(CONSOLE)).map(level -> LogSettings.of(Map.of("level", level)));
        configure(configuration);
        if (folder.isPresent() || console.isPresent()) {
            listen();
        }
    }

    /** Takes a changed configuration, and says what is in force. */
    @Modified
    void change(Map<String, Object> configuration) {
        configure(configuration);
        logger.info("the log is kept by {}", settings);
    }

    private synchronized void configure(Map<String, Object> configuration) {
        try {
            settings = LogSettings.of(configuration);
        } catch (DmaBufException e) {
            logger.error("the configuration {} is refused: {}; in force stays {}", PID, e.getMessage(), settings);
            if (files != null) {
                return;
            }
        }
        closeFiles();
        if (folder.isPresent()) {
            open(folder.get());
        }
    }

    private void open(Path place) {
        try {
            files = LogFiles.open(place, settings);
        } catch (IOException e) {
            logger.error("there are no log files below {}", place, e);
        }
    }

    /** Listens first, and then writes what came before, so that nothing is missed; what comes both ways is written once. */
    private synchronized void listen() {
        reader.addLogListener(listener);
        long written = last;
        List<LogEntry> before = Collections.list(reader.getLog()).reversed();
        before.stream().filter(entry -> entry.getSequence() > written).forEach(this::write);
        before.forEach(entry -> early.add(entry.getSequence()));
    }

    private synchronized void logged(LogEntry entry) {
        if (!early.remove(entry.getSequence())) {
            write(entry);
        }
    }

    private void write(LogEntry entry) {
        last = Math.max(last, entry.getSequence());
        if (files != null && settings.take(entry.getLogLevel()) && !isServiceEvent(entry)) {
            files.write(LogText.full(entry));
        }
        if (console.isPresent() && console.get().take(entry.getLogLevel())) {
            err.println("gateway: " + LogText.brief(entry));
        }
    }

    /** The log service makes an entry of every service that comes or goes, which no logger's level keeps away. */
    private static boolean isServiceEvent(LogEntry entry) {
        return entry.getLoggerName().startsWith("Events.Service.");
    }

    /** Closes the files. */
    @Deactivate
    synchronized void stop() {
        reader.removeLogListener(listener);
        System.setProperty(WRITTEN, Long.toString(last));
        closeFiles();
    }

    private void closeFiles() {
        if (files != null) {
            files.close();
            files = null;
        }
    }
}
