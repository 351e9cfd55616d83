// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import java.util.Map;

/** Opens the settings of the allocator to the checkers. */
public final class ContigDoor {
    private ContigDoor() {}

    /** Reads a configuration, as that of a machine and as that of a sandbox, and makes what the board model has. */
    public static void read(Map<String, Object> configuration) {
        ContigSettings.of(configuration);
        ContigSettings.ofSandbox(configuration).product();
    }
}
