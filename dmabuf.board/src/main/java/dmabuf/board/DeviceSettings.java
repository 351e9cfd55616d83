// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AccessBits;
import dmabuf.api.Device;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.spi.Board.BoardDevice;
import dmabuf.api.spi.ConfiguredValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the configuration of a device says. Its way to memory is stated in the words of {@link DmaPath#parse}, each a
 * key of its own; further ways are whole texts of that form.
 */
final class DeviceSettings {
    private static final Pattern ACCESS = Pattern.compile("\\baccess=(\\S+)");
    private static final Set<String> OTHERS =
            Set.of("name", "parent", "alternatives", "path", "compatible", "function", "family", "node");

    private final ConfiguredValues values;
    private final AccessBits names;

    private DeviceSettings(ConfiguredValues values, AccessBits names) {
        this.values = values;
        this.names = names;
    }

    /**
     * Reads a configuration.
     *
     * @param names by which the bits of the access mask may be written
     * @throws DmaBufException INVALID for an unknown key or a bad value
     */
    static BoardDevice of(Map<String, ?> configuration, AccessBits names) {
        Set<String> keys = new HashSet<>(DmaPath.words());
        keys.addAll(OTHERS);
        DeviceSettings settings = new DeviceSettings(ConfiguredValues.of("the device", keys, configuration), names);
        return new BoardDevice(settings.device(), settings.properties());
    }

    private Device device() {
        String name = values.text("name").orElseThrow(() -> values.missing("name"));
        return values.text("parent")
                .map(parent -> Device.ofParent(name, ways(), parent))
                .orElseGet(() -> Device.of(name, ways()));
    }

    private List<DmaPath> ways() {
        Map<String, String> words = new LinkedHashMap<>();
        for (String key : DmaPath.words()) {
            values.text(key).ifPresent(text -> words.put(key, text));
        }
        words.computeIfPresent("pools", (_, _) -> pools());
        words.computeIfPresent("access", (key, _) -> values.parsed(key, this::mask).orElseThrow());
        List<DmaPath> ways = new ArrayList<>(List.of(DmaPath.ofWords(words)));
        for (String line : values.lines("alternatives")) {
            ways.add(alternative(line));
        }
        return ways;
    }

    /** In a text, a comma or backslash of a name is written with a backslash before it. */
    private String pools() {
        return values.names("pools").stream()
                .map(name -> name.replace("\\", "\\\\").replace(",", "\\,"))
                .collect(Collectors.joining(","));
    }

    private DmaPath alternative(String line) {
        try {
            return DmaPath.parse(ACCESS.matcher(line).replaceAll(found -> "access=" + mask(found.group(1))));
        } catch (DmaBufException e) {
            throw values.refused("alternatives", "'" + line + "': " + e.getMessage());
        }
    }

    private String mask(String text) {
        return Quantity.hex(names.mask(text));
    }

    private Map<String, Object> properties() {
        Map<String, Object> properties = new HashMap<>();
        for (String key : List.of("name", "path", "family", "node")) {
            values.text(key).ifPresent(text -> properties.put(key, text));
        }
        for (String key : List.of("compatible", "function")) {
            List<String> names = values.names(key);
            if (!names.isEmpty()) {
                properties.put(key, names.toArray(String[]::new));
            }
        }
        if (!Profile.DEVICE_FUNCTIONS.containsAll(values.names("function"))) {
            throw values.refused("function", "the functions are " + String.join(", ", Profile.DEVICE_FUNCTIONS));
        }
        return properties;
    }
}
