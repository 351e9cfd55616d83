// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files in /dev by which programs use the devices of the running machine, found by the device that each belongs
 * to: a node of the device tree, or a sysfs device. Of several the one with the lowest number counts. Immutable.
 */
final class VideoNodes {
    private static final String TREE = "/sys/firmware/devicetree/base";

    /** The classes to look at, each with the start of its file names and where the files are. */
    private static final List<List<String>> CLASSES =
            List.of(List.of("video4linux", "video", "/dev/"), List.of("drm", "card", "/dev/dri/"));

    private final Map<String, String> byDevice = new HashMap<>();

    VideoNodes(Sysfs sysfs) {
        for (List<String> kind : CLASSES) {
            sysfs.list(Path.of("sys/class", kind.get(0))).stream()
                    .filter(entry -> number(entry, kind.get(1)) >= 0)
                    .sorted((a, b) -> Integer.compare(number(a, kind.get(1)), number(b, kind.get(1))))
                    .forEach(entry -> add(sysfs, entry, kind.get(2) + entry.getFileName()));
        }
    }

    /** Returns the file of a device, for example {@code /dev/video0}. */
    Optional<String> of(String devicePath) {
        return Optional.ofNullable(byDevice.get(devicePath));
    }

    private void add(Sysfs sysfs, Path entry, String file) {
        Path device = entry.resolve("device");
        if (sysfs.exists(device)) {
            byDevice.putIfAbsent(sysfs.name(sysfs.real(device)), file);
        }
        Path node = device.resolve("of_node");
        if (sysfs.exists(node)) {
            String path = sysfs.name(sysfs.real(node));
            byDevice.putIfAbsent(path.startsWith(TREE) ? path.substring(TREE.length()) : path, file);
        }
    }

    /** Returns the number in a name like video12, or -1 when it is no such name (card0-HDMI-A-1). */
    private static int number(Path entry, String prefix) {
        String name = String.valueOf(entry.getFileName());
        try {
            return name.startsWith(prefix) ? Integer.parseUnsignedInt(name.substring(prefix.length())) : -1;
        } catch (NumberFormatException notANumber) {
            return -1;
        }
    }
}
