// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.List;
import java.util.Optional;

/** A device that is nothing but its description. */
record PlainDevice(String name, List<DmaPath> paths, Optional<String> parent) implements Device {
    PlainDevice {
        paths = List.copyOf(paths);
        if (name.isBlank()) {
            throw new DmaBufException(Reason.INVALID, "a device needs a name");
        }
        if (paths.isEmpty()) {
            throw new DmaBufException(Reason.INVALID, "device " + name + " has no way to reach memory: give one path");
        }
    }
}
