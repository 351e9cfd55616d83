// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the configuration of an allocator as {@link ConfiguredValues} does. These keys are common to all allocators,
 * each also under the full name of its service property, which then wins: {@code id}, {@code name}, {@code type},
 * {@code priority}, {@code pool}, {@code bit}, {@code secure}, {@code coherent} and {@code flags}; and {@code source},
 * which {@link SourceOrder} reads and an allocator that has but one source passes over. Immutable.
 */
public final class AllocatorSettings {
    private static final Set<String> COMMON =
            Set.of("id", "name", "type", "priority", "pool", "bit", "secure", "coherent", "flags", SourceOrder.KEY);
    private static final int HIGHEST_BIT = 63;

    private final ConfiguredValues values;
    private final AllocatorSpec spec;

    private AllocatorSettings(AllocatorSpec defaults, Set<String> keys, Map<String, ?> configuration) {
        Set<String> known = new TreeSet<>(COMMON);
        known.addAll(keys);
        String subject = "allocator " + defaults.type();
        this.values = ConfiguredValues.of(subject, known, shortened(subject, known, configuration));
        this.spec = readSpec(defaults);
    }

    /** Returns a configuration in which a known key under its full name stands in the place of the short one. */
    private static Map<String, Object> shortened(String subject, Set<String> known, Map<String, ?> configuration) {
        Map<String, Object> shortened = new HashMap<>(configuration);
        configuration.forEach((key, value) -> {
            String name = key.startsWith(AllocatorSpec.PREFIX) ? key.substring(AllocatorSpec.PREFIX.length()) : key;
            if (!name.equals(key) && !known.contains(name)) {
                throw ConfiguredValues.unknown(subject, key, known);
            }
            if (!name.equals(key) && !ConfiguredValues.isBlank(value)) {
                shortened.put(name, value);
            }
        });
        return shortened;
    }

    /**
     * Reads a configuration.
     *
     * @param defaults what holds where the common keys are absent; its type is the only one that is right
     * @param keys the keys of this type, besides the common ones
     * @throws DmaBufException INVALID for an unknown key, which names the known ones, or a bad common value
     */
    public static AllocatorSettings of(AllocatorSpec defaults, Set<String> keys, Map<String, ?> configuration) {
        return new AllocatorSettings(defaults, keys, configuration);
    }

    /** Returns what the common keys say. */
    public AllocatorSpec spec() {
        return spec;
    }

    /** Returns a key's unsigned number, or empty when it is absent. */
    public OptionalLong number(String key) {
        return values.number(key);
    }

    /** Returns a key's unsigned number; INVALID when it is absent. */
    public long requiredNumber(String key) {
        return values.requiredNumber(key);
    }

    /** Returns a key's address ranges, or empty when it is absent. */
    public Optional<AddressRanges> ranges(String key) {
        return values.ranges(key);
    }

    /**
     * Returns addresses without those of the key {@code reserved}.
     *
     * @throws DmaBufException INVALID when nothing is left
     */
    public AddressRanges withoutReserved(AddressRanges addresses) {
        AddressRanges left = addresses;
        for (AddressRange hole : ranges("reserved").orElse(AddressRanges.NONE).intervals()) {
            left = left.minus(hole);
        }
        if (left.isEmpty()) {
            throw refused("reserved", "it leaves nothing of " + addresses);
        }
        return left;
    }

    /** Returns a key's names, none when it is absent; in text they are parted by commas, and {@code \,} is a comma. */
    public List<String> names(String key) {
        return values.names(key);
    }

    /** Returns a key's flag; false when it is absent. */
    public boolean flag(String key) {
        return values.flag(key);
    }

    /** Returns the error of a key that must be there. */
    public DmaBufException missing(String key) {
        return values.missing(key);
    }

    /** Returns the error of a key's value. */
    public DmaBufException refused(String key, String why) {
        return values.refused(key, why);
    }

    private AllocatorSpec readSpec(AllocatorSpec defaults) {
        String type = defaults.type();
        if (!values.text("type").orElse(type).equals(type)) {
            throw refused("type", "it is " + type);
        }
        String id = values.text("id").orElse(defaults.id());
        return new AllocatorSpec(
                id,
                values.integer("priority").orElse(defaults.priority()),
                type,
                values.text("name").orElse(id),
                values.text("pool").or(defaults::pool),
                bit().isPresent() ? bit() : defaults.bit(),
                values.has("secure") ? flag("secure") : defaults.secure(),
                values.has("coherent") ? flag("coherent") : defaults.coherent(),
                values.has("flags") ? new TreeSet<>(names("flags")) : defaults.flags());
    }

    private OptionalInt bit() {
        OptionalLong bit = values.number("bit", 0, HIGHEST_BIT);
        return bit.isPresent() ? OptionalInt.of((int) bit.getAsLong()) : OptionalInt.empty();
    }
}
