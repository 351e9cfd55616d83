// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.nio.file.Path;
import java.util.Comparator;
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
    private static final String VIRTIO = "virtio";

    /** The classes to look at. */
    static final List<Kind> KINDS =
            List.of(new Kind("video4linux", "video", "/dev/"), new Kind("drm", "card", "/dev/dri/"));

    private final Map<String, String> byDevice = new HashMap<>();

    /**
     * A class of such files.
     *
     * @param name the class in sysfs
     * @param prefix what their names start with
     * @param folder where they are
     */
    record Kind(String name, String prefix, String folder) {
        /** Returns the entries in sysfs, by number; others of the class (card0-HDMI-A-1, radio0) are left out. */
        List<Path> entries(Sysfs sysfs) {
            return sysfs.list(Path.of("sys/class", name)).stream()
                    .filter(entry -> number(entry) >= 0)
                    .sorted(Comparator.comparingInt(this::number))
                    .toList();
        }

        /** Returns the file of an entry. */
        String file(Path entry) {
            return folder + entry.getFileName();
        }

        private int number(Path entry) {
            String file = String.valueOf(entry.getFileName());
            try {
                return file.startsWith(prefix) ? Integer.parseUnsignedInt(file.substring(prefix.length())) : -1;
            } catch (NumberFormatException notANumber) {
                return -1;
            }
        }
    }

    VideoNodes(Sysfs sysfs) {
        KINDS.forEach(kind -> kind.entries(sysfs).forEach(entry -> add(sysfs, entry, kind.file(entry))));
    }

    /** Returns the file of a device, for example {@code /dev/video0}. */
    Optional<String> of(String devicePath) {
        return Optional.ofNullable(byDevice.get(devicePath));
    }

    /** Returns the device behind an entry; a virtio one is a part of what carries it. */
    static Path owner(Sysfs sysfs, Path entry) {
        Path device = sysfs.real(entry.resolve("device"));
        boolean part = sysfs.real(device.resolve("subsystem")).endsWith(VIRTIO);
        return part ? Optional.ofNullable(device.getParent()).orElse(device) : device;
    }

    private void add(Sysfs sysfs, Path entry, String file) {
        Path device = entry.resolve("device");
        if (sysfs.exists(device)) {
            byDevice.putIfAbsent(sysfs.name(owner(sysfs, entry)), file);
        }
        Path node = device.resolve("of_node");
        if (sysfs.exists(node)) {
            String path = sysfs.name(sysfs.real(node));
            byDevice.putIfAbsent(path.startsWith(TREE) ? path.substring(TREE.length()) : path, file);
        }
    }
}
