// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.service.log.LogEntry;

/** An entry of the log as text. */
final class LogText {
    /** Of one entry; a longer one is cut, so that the size of a file means something. */
    static final int MAX_CHARACTERS = 16 << 10;

    private LogText() {}

    /** Returns it with its time and its stack trace. Only its first line begins in the first column, whatever it says. */
    static String full(LogEntry entry) {
        String text = String.format(
                "%-24s %-5s %s  %s%s",
                Instant.ofEpochMilli(entry.getTime()).truncatedTo(ChronoUnit.MILLIS),
                entry.getLogLevel(),
                bundle(entry),
                message(entry),
                trace(entry));
        return text.length() <= MAX_CHARACTERS ? indented(text) : indented(text.substring(0, MAX_CHARACTERS)) + " ... (cut)";
    }

    private static String indented(String text) {
        return text.stripTrailing().replace("\n", "\n    ");
    }

    /** Returns it in one line. */
    static String brief(LogEntry entry) {
        String cause = exception(entry).map(e -> ": " + e).orElse("");
        String text = bundle(entry) + ": " + message(entry) + cause;
        return entry.getLogLevel() + " " + text.lines().findFirst().orElse("");
    }

    private static String bundle(LogEntry entry) {
        return Optional.ofNullable(entry.getBundle())
                .map(Bundle::getSymbolicName)
                .orElse(entry.getLoggerName());
    }

    private static String message(LogEntry entry) {
        return Optional.ofNullable(entry.getMessage()).orElse("");
    }

    private static String trace(LogEntry entry) {
        StringWriter text = new StringWriter();
        exception(entry).ifPresent(e -> e.printStackTrace(new PrintWriter(text)));
        return text.getBuffer().isEmpty() ? "" : "\n" + text;
    }

    private static Optional<Throwable> exception(LogEntry entry) {
        return Optional.ofNullable(entry.getException());
    }
}
