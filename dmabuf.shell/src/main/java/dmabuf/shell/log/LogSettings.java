// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.log;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.spi.ConfiguredValues;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.osgi.service.log.LogLevel;

/**
 * How much of the log is kept.
 *
 * @param level the least that is written
 * @param byteSize of one file
 * @param files how many
 */
record LogSettings(LogLevel level, int byteSize, int files) {
    static final String LEVEL = "INFO";
    static final String SIZE = "1M";
    static final int FILES = 4;
    static final LogSettings DEFAULT = of(Map.of());

    private static final int MIN_SIZE = 64 << 10;
    private static final int MAX_SIZE = 1 << 30;
    private static final int MAX_FILES = 100;

    /** Reads a configuration; a value that is absent or empty is the default. INVALID for a wrong one or an unknown key. */
    static LogSettings of(Map<String, ?> configuration) {
        ConfiguredValues values = ConfiguredValues.of(GatewayLog.PID, Set.of("level", "size", "files"), configuration);
        return new LogSettings(
                level(values.text("level").orElse(LEVEL)),
                size(values.text("size").orElse(SIZE)),
                files(values.text("files").orElse(Integer.toString(FILES))));
    }

    static LogLevel level(String text) {
        return Arrays.stream(LogLevel.values())
                .filter(level -> level != LogLevel.AUDIT && level.name().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> wrong("level=" + text + " is none of ERROR, WARN, INFO, DEBUG, TRACE"));
    }

    private static int size(String text) {
        long size = Quantity.parse(text);
        if (size < MIN_SIZE || size > MAX_SIZE) {
            throw wrong("size=" + text + " is not within 64K..1G");
        }
        return (int) size;
    }

    private static int files(String text) {
        long files = Quantity.parse(text);
        if (files < 1 || files > MAX_FILES) {
            throw wrong("files=" + text + " is not within 1.." + MAX_FILES);
        }
        return (int) files;
    }

    private static DmaBufException wrong(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }

    /** Says whether what has this level is written: AUDIT always is. */
    boolean take(LogLevel other) {
        return level.implies(other);
    }

    @Override
    public String toString() {
        return "level=" + level + " size=" + byteSize + " files=" + files;
    }
}
