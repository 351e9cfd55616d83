// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.log;

import java.util.Map;

/** Opens the settings of the log to the checkers. */
public final class LogDoor {
    private LogDoor() {}

    /** Reads a configuration. */
    public static void read(Map<String, Object> configuration) {
        LogSettings.of(configuration);
    }
}
