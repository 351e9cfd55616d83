// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Names;
import dmabuf.api.Reason;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/** The devices at one moment, and what a name means among them: a full name, a unique short name or an LDAP filter. */
final class DeviceNames {
    private static final int NEAR_NAMES = 3;

    private final Map<String, DeviceEntry> present;
    private final Map<String, Map<String, Object>> left;

    /** Worked out when it is asked for first. */
    private volatile @Nullable Map<String, List<DeviceEntry>> byShortName;

    /**
     * Makes a picture.
     *
     * @param present the devices by name
     * @param left what filters saw of devices that left, by name
     */
    DeviceNames(Map<String, DeviceEntry> present, Map<String, Map<String, Object>> left) {
        this.present = present;
        this.left = left;
    }

    Map<String, DeviceEntry> present() {
        return present;
    }

    /**
     * Returns the device that a text means.
     *
     * @throws DmaBufException INVALID when none or several are meant, with the near names; GONE when it left
     */
    DeviceEntry resolve(String text) {
        DeviceEntry exact = present.get(text);
        if (exact != null) {
            return exact;
        }
        return text.startsWith("(") ? byFilter(text) : byShortName(text);
    }

    /** Returns how many devices a text means: more than one only for a filter. */
    long matches(String text) {
        if (!text.startsWith("(")) {
            return 1;
        }
        Filter filter = filter(text);
        return present.values().stream().filter(entry -> filter.matches(entry.properties())).count();
    }

    private DeviceEntry byFilter(String text) {
        Filter filter = filter(text);
        return present.values().stream()
                .filter(entry -> filter.matches(entry.properties()))
                .min(Comparator.comparing((DeviceEntry entry) -> String.valueOf(entry.properties().get("path")), Names.ORDER)
                        .thenComparing(DeviceEntry::name, Names.ORDER))
                .orElseThrow(() -> left.values().stream().anyMatch(filter::matches)
                        ? gone(text)
                        : new DmaBufException(Reason.INVALID, "no device matches " + text));
    }

    private static Filter filter(String text) {
        try {
            return FrameworkUtil.createFilter(text);
        } catch (InvalidSyntaxException e) {
            throw new DmaBufException(Reason.INVALID, "'" + text + "' is no LDAP filter: " + e.getMessage());
        }
    }

    private DeviceEntry byShortName(String text) {
        List<DeviceEntry> found = byShortName().getOrDefault(text, List.of());
        if (found.size() == 1) {
            return found.getFirst();
        }
        if (found.size() > 1) {
            throw new DmaBufException(
                    Reason.INVALID,
                    "device name " + text + " means several: " + found);
        }
        boolean wasHere = left.keySet().stream()
                .anyMatch(name -> name.equals(text) || DeviceEntry.shortName(name).equals(text));
        throw wasHere ? gone(text) : unknown(text);
    }

    private Map<String, List<DeviceEntry>> byShortName() {
        Map<String, List<DeviceEntry>> known = byShortName;
        if (known == null) {
            known = present.values().stream()
                    .sorted(Comparator.comparing(DeviceEntry::name, Names.ORDER))
                    .collect(Collectors.groupingBy(DeviceEntry::shortName));
            byShortName = known;
        }
        return known;
    }

    private static DmaBufException gone(String text) {
        return new DmaBufException(Reason.GONE, "device " + text + " has left");
    }

    private DmaBufException unknown(String text) {
        List<String> near = near(text);
        String hint = near.isEmpty() ? family(text) : "; near are " + String.join(", ", near);
        return new DmaBufException(Reason.INVALID, "unknown device " + text + hint);
    }

    /** Who names a family means a filter; a shell may have taken its parentheses away. */
    private String family(String text) {
        boolean isFamily = present.values().stream()
                .anyMatch(entry -> text.equals(entry.properties().get("family")));
        return isFamily ? "; there are devices with family=" + text : "";
    }

    private List<String> near(String text) {
        int reach = Math.max(2, text.length() / 3);
        record Near(String name, int distance) {}
        return present.values().stream()
                .flatMap(entry -> Stream.of(entry.name(), entry.shortName())
                        .map(name -> new Near(entry.name(), distance(text, name)))
                        .min(Comparator.comparingInt(Near::distance))
                        .stream())
                .filter(candidate -> candidate.distance() <= reach || candidate.name().contains(text))
                .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::name))
                .limit(NEAR_NAMES)
                .map(Near::name)
                .toList();
    }

    /** Levenshtein's edit distance. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int above = row[j];
                int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[to.length()];
    }

    /** Keeps of properties what belongs to no bundle, so that a name that left pins no class. */
    static Map<String, Object> plain(Map<String, Object> properties) {
        Map<String, Object> kept = new HashMap<>(properties);
        kept.values().removeIf(value -> value.getClass().getClassLoader() != null);
        return Map.copyOf(kept);
    }

    /** Returns the full name that a text means, or the text itself while it means none. */
    String fullName(String text) {
        try {
            return resolve(text).name();
        } catch (DmaBufException _) {
            return text;
        }
    }
}
