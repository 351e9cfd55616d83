// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import java.util.Map;

/** Opens the settings of the allocator to the checkers. */
public final class IommuDoor {
    private IommuDoor() {}

    /** Reads a configuration, as that of a machine and as that of a sandbox, and makes what the board model has. */
    public static void read(Map<String, Object> configuration) {
        IommuSettings.of(configuration, 4096);
        IommuSettings.ofSandbox(configuration, 4096).product();
    }
}
