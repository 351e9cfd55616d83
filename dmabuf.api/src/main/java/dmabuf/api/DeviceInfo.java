// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A picture of a device.
 *
 * @param name the full name
 * @param parent the device of which it is a part, or empty
 * @param paths its ways to memory, with what it inherits from its parent
 * @param properties its service properties without the prefix {@code dmabuf.device.}
 * @param accepting the ids of the allocators whose match accepts it on at least one of its ways
 */
public record DeviceInfo(
        String name,
        Optional<String> parent,
        List<DmaPath> paths,
        Map<String, Object> properties,
        List<String> accepting) {
    /** Copies the collections. */
    public DeviceInfo {
        paths = List.copyOf(paths);
        properties = Map.copyOf(properties);
        accepting = List.copyOf(accepting);
    }
}
