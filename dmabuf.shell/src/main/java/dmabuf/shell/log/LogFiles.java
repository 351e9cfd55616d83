// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * The files {@code gateway.0.log} (the newest), {@code gateway.1.log} and so on in one folder, written by the JDK's own
 * rotating handler. Used by one thread at a time.
 */
final class LogFiles implements AutoCloseable {
    private static final int MAX_FILES = 100;

    private final FileHandler handler;

    private LogFiles(FileHandler handler) {
        this.handler = handler;
    }

    /** Opens them for appending; those beyond the number of files are deleted. */
    static LogFiles open(Path folder, LogSettings settings) throws IOException {
        Files.createDirectories(folder);
        for (int i = settings.files(); i <= MAX_FILES; i++) {
            Files.deleteIfExists(folder.resolve("gateway." + i + ".log"));
        }
        // A percent sign of the folder's own is no part of the pattern.
        String pattern = folder.toString().replace("%", "%%") + "/gateway.%g.log";
        FileHandler handler = new FileHandler(pattern, settings.byteSize(), settings.files(), true);
        handler.setEncoding("UTF-8");
        handler.setFormatter(new Verbatim());
        return new LogFiles(handler);
    }

    private static final class Verbatim extends Formatter {
        @Override
        public String format(LogRecord entry) {
            return entry.getMessage();
        }
    }

    /** Writes a line, or several. A disk that is full is said once, on the error stream. */
    void write(String text) {
        handler.publish(new LogRecord(Level.INFO, text + "\n"));
    }

    @Override
    public void close() {
        handler.close();
    }
}
