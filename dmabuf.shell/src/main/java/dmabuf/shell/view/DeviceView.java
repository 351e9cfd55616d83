// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.DeviceInfo;
import dmabuf.shell.text.TextTable;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Devices and the ways in which they reach memory. */
public final class DeviceView {
    private static final String SYSFS = "sysfs";
    private static final List<String> COLUMNS = List.of("DEVICE", "FUNCTION", "FAMILY", "ACCEPTED BY", "REACHES MEMORY");
    private static final List<String> LIVE_COLUMNS = List.of(
            "DEVICE", "NODE", "FUNCTION", "FAMILY", "ACCEPTED BY", "REACHES MEMORY", "SYSFS SAYS", "PROFILE SAYS");

    private DeviceView() {}

    /** Returns one line for each device. */
    public static String text(List<DeviceInfo> devices) {
        if (devices.isEmpty()) {
            return "no device: start with --board FILE.dtb, or install a bundle that registers dmabuf.api.Device\n";
        }
        boolean live = devices.stream().anyMatch(device -> device.properties().containsKey(SYSFS));
        TextTable table = new TextTable((live ? LIVE_COLUMNS : COLUMNS).toArray(String[]::new));
        devices.forEach(device -> table.row((live ? liveRow(device) : row(device)).toArray(String[]::new)));
        return table + Words.count(devices.size(), "device") + "\n";
    }

    private static List<String> row(DeviceInfo device) {
        return List.of(
                Words.shortName(device.name()), property(device, "function"), property(device, "family"),
                String.join(",", device.accepting()), Words.shortened(way(device), 80));
    }

    /** Puts what holds between what the running machine says and what is known beyond it. */
    private static List<String> liveRow(DeviceInfo device) {
        return List.of(
                Words.shortName(device.name()), property(device, "node"), property(device, "function"),
                property(device, "family"), String.join(",", device.accepting()), Words.shortened(way(device), 60),
                property(device, SYSFS), property(device, "profile"));
    }

    private static String way(DeviceInfo device) {
        String first = device.paths().getFirst().toString();
        String more = device.paths().size() > 1 ? " alt ..." : "";
        return (first.isEmpty() ? "1:1" : first) + more;
    }

    private static String property(DeviceInfo device, String key) {
        return Words.of(device.properties().get(key));
    }

    /** Returns everything that is known of one device. */
    public static String details(DeviceInfo device) {
        StringBuilder text = new StringBuilder("device " + device.name() + "\n");
        new TreeMap<>(device.properties())
                .forEach((key, value) -> line(text, key, Words.of(value)));
        device.parent().ifPresent(parent -> line(text, "parent", parent));
        device.paths().forEach(path -> line(text, "reaches memory", path.toString().isEmpty() ? "1:1" : path.toString()));
        line(text, "accepted by", device.accepting().isEmpty() ? "no allocator" : String.join(" ", device.accepting()));
        return text.toString();
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(String.format("  %-15s %s%n", key, value));
    }

    /** Returns a device as data. */
    public static Map<String, Object> data(DeviceInfo device) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", device.name());
        fields.put("parent", device.parent());
        Map<String, Object> properties = new LinkedHashMap<>();
        new TreeMap<>(device.properties()).forEach((key, value) -> properties.put(key, plain(value)));
        fields.put("properties", properties);
        fields.put("paths", device.paths().stream().map(ConstraintsView::data).toList());
        fields.put("accepting", device.accepting());
        return fields;
    }

    /** Service properties can be anything; what JSON does not know is shown as text. */
    private static Object plain(Object value) {
        return switch (value) {
            case Object[] many -> Arrays.stream(many).map(String::valueOf).toList();
            case Collection<?> many -> many.stream().map(String::valueOf).toList();
            case Boolean flag -> flag;
            case Integer number -> number;
            default -> value.toString();
        };
    }
}
