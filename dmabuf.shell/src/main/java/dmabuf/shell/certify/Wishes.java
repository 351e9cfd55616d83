// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What shall be certified, and how.
 *
 * @param jar the bundle
 * @param settings the configuration of its allocator, for bundles that need one
 * @param pid the PID under which the bundle expects its configuration, for a type that the suite does not know
 * @param device the constraints of a device that the allocator serves, where it serves no ordinary one
 * @param seed what random requests follow from
 */
public record Wishes(
        Path jar, Map<String, String> settings, Optional<String> pid, Optional<String> device, long seed) {
    /** Copies the map. */
    public Wishes {
        settings = new LinkedHashMap<>(settings);
    }

    /** Returns wishes for a bundle that needs nothing. */
    public static Wishes of(Path jar) {
        return new Wishes(jar, Map.of(), Optional.empty(), Optional.empty(), 1);
    }
}
