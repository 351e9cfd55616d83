// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.Device;
import dmabuf.api.spi.Board.BoardDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The cameras, codecs and displays of the running machine that neither a device tree nor PCI has: virtual ones and those
 * on USB. Each is named by its place in sysfs, such as {@code /sys/devices/platform/vivid.0/video4linux/video0}; of
 * several files of one camera the one with the lowest number counts. A driver that makes several of them numbers them in
 * their names (vivid-001-vid-cap), and its module parameters are lists by that number.
 */
final class MediaDevices {
    private static final Pattern NUMBERED = Pattern.compile(".*-(\\d{1,3})-.*");
    private static final Pattern PARAMETER = Pattern.compile("[\\w-]+");

    private final Sysfs sysfs;
    private final ProfileTable profiles;

    MediaDevices(Sysfs sysfs, ProfileTable profiles) {
        this.sysfs = sysfs;
        this.profiles = profiles;
    }

    /** Returns those that do not belong to a device of which the name is given. */
    List<BoardDevice> devices(Set<String> known) {
        List<BoardDevice> devices = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (VideoNodes.Kind kind : VideoNodes.KINDS) {
            for (Path entry : kind.entries(sysfs)) {
                Path owner = VideoNodes.owner(sysfs, entry);
                boolean taken = known.contains(sysfs.name(owner)) || sysfs.exists(entry.resolve("device/of_node"));
                if (sysfs.exists(entry.resolve("device")) && !taken && seen.add(owner + " " + number(entry))) {
                    device(entry, kind.file(entry)).ifPresent(devices::add);
                }
            }
        }
        return devices;
    }

    private Optional<BoardDevice> device(Path entry, String file) {
        String name = sysfs.name(sysfs.real(entry));
        String driver = driver(entry);
        Optional<Profile> profile = profiles.of(keys(entry, driver));
        Profile.Limits limits = profile.map(Profile::limits).orElse(Profile.Limits.NONE);
        Map<String, Object> properties = new HashMap<>(Map.of(
                "name", name, "path", name, "node", file, "sysfs", "driver=" + driver, "family", driver));
        profile.ifPresent(row -> properties.putAll(row.properties()));
        return limits.path(limits.maskBits(), Optional.empty(), PciDevices.isCoherentMachine())
                .map(path -> new BoardDevice(Device.of(name, List.of(path)), properties));
    }

    /** Returns the name of the driver; a virtual device may have none, but is called like it. */
    private String driver(Path entry) {
        Path device = sysfs.real(entry.resolve("device"));
        String name = String.valueOf(
                (sysfs.exists(device.resolve("driver")) ? sysfs.real(device.resolve("driver")) : device).getFileName());
        return name.replaceFirst("\\.\\d+$", "");
    }

    /** Returns the keys of the profile table, those first that also name how the driver was loaded. */
    private List<String> keys(Path entry, String driver) {
        String key = "driver:" + driver;
        Stream<String> loaded = sysfs.list(Path.of("sys/module", driver, "parameters")).stream()
                .filter(file -> PARAMETER.matcher(String.valueOf(file.getFileName())).matches())
                .map(file -> key + ":" + file.getFileName() + "=" + value(file, number(entry)));
        return Stream.concat(loaded, Stream.of(key)).toList();
    }

    private String value(Path parameter, int number) {
        String[] values = sysfs.text(parameter).orElse("").split(",", -1);
        return number < values.length ? values[number] : values[0];
    }

    private int number(Path entry) {
        Matcher numbered = NUMBERED.matcher(sysfs.text(entry.resolve("name")).orElse(""));
        return numbered.matches() ? Integer.parseInt(numbered.group(1)) : 0;
    }
}
