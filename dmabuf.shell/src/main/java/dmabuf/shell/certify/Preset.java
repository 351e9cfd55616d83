// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How an allocator is configured for certification: small, so that its pool can be filled.
 *
 * @param pid the PID, or empty when the bundle needs no configuration
 * @param settings keys and values
 */
record Preset(Optional<String> pid, Map<String, String> settings) {
    /** The id of a configured allocator. */
    static final String ID = "certify";

    private static final Map<String, Map<String, String>> KNOWN = Map.of(
            "contig", Map.of("id", ID, "base", "0x40000000", "size", "16M", "source", "model"),
            "system", Map.of("id", ID, "ram", "0x40000000..0x40ffffff", "source", "model"),
            "iommu", Map.of("id", ID, "ram", "0x40000000..0x40ffffff", "domains", ID, "source", "model"));

    /** Returns that of a type, with what the user wished instead. */
    static Preset of(String type, Wishes wishes) {
        Map<String, String> settings = new LinkedHashMap<>();
        boolean known = KNOWN.containsKey(type) && wishes.pid().isEmpty();
        if (known) {
            settings.putAll(KNOWN.get(type));
        }
        settings.putAll(wishes.settings());
        return new Preset(known ? Optional.of("allocator." + type) : wishes.pid(), settings);
    }
}
