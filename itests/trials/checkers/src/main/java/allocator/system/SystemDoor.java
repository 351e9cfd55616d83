// SPDX-License-Identifier: Apache-2.0
package allocator.system;

import java.util.Map;

/** Opens the settings of the allocator to the checkers. */
public final class SystemDoor {
    private SystemDoor() {}

    /** Reads a configuration, as that of a machine and as that of a sandbox, and makes what the board model has. */
    public static void read(Map<String, Object> configuration) {
        SystemSettings.of(configuration, 4096);
        SystemSettings.ofSandbox(configuration, 4096).product();
    }
}
