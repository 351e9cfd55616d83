// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads the configuration of an allocator, wherever it comes from: Configuration Admin, a board, a scenario. Values
 * may be text, numbers, flags, arrays or collections; a blank text is the same as no value. Every error is INVALID and
 * names the key, the value and what would be right. Immutable.
 *
 * <p>These keys are common to all allocators, each also under the full name of its service property, which then wins:
 * {@code id}, {@code name}, {@code type}, {@code priority}, {@code pool}, {@code bit}, {@code secure},
 * {@code coherent} and {@code flags}. Other keys with a dot or a colon belong to the framework and are passed over.
 */
public final class AllocatorSettings {
    private static final Set<String> COMMON =
            Set.of("id", "name", "type", "priority", "pool", "bit", "secure", "coherent", "flags");

    private final String type;
    private final Map<String, Object> values = new TreeMap<>();
    private final AllocatorSpec spec;

    private AllocatorSettings(AllocatorSpec defaults, Set<String> keys, Map<String, ?> configuration) {
        this.type = defaults.type();
        configuration.forEach((key, value) -> {
            boolean full = key.startsWith(AllocatorSpec.PREFIX);
            String name = full ? key.substring(AllocatorSpec.PREFIX.length()) : key;
            if (keys.contains(name) || COMMON.contains(name)) {
                keep(name, value, full);
            } else if (full || name.chars().noneMatch(c -> c == '.' || c == ':')) {
                throw unknown(key, keys);
            }
        });
        this.spec = readSpec(defaults);
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
        return parsed(key, Quantity::parse).map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    /** Returns a key's unsigned number; INVALID when it is absent. */
    public long requiredNumber(String key) {
        return number(key).orElseThrow(() -> missing(key));
    }

    /** Returns a key's address ranges, or empty when it is absent. */
    public Optional<AddressRanges> ranges(String key) {
        return parsed(key, AddressRanges::parse);
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
        Object value = values.get(key);
        if (value == null) {
            return List.of();
        }
        List<String> elements = elements(value);
        return elements.size() != 1 || isMany(value)
                ? elements
                : Stream.of(elements.getFirst().split("(?<!\\\\),", -1)).map(name -> name.replace("\\,", ",")).toList();
    }

    /** Returns a key's flag; false when it is absent. */
    public boolean flag(String key) {
        return parsed(key, AllocatorSettings::truth).orElse(false);
    }

    /** Returns the error of a key that must be there. */
    public DmaBufException missing(String key) {
        return invalid(key + " of allocator " + type + " is missing");
    }

    /** Returns the error of a key's value. */
    public DmaBufException refused(String key, String why) {
        return invalid(key + "=" + text(key).orElse("") + " of allocator " + type + ": " + why);
    }

    private void keep(String name, Object value, boolean wins) {
        if (!elements(value).stream().allMatch(String::isBlank) && (wins || !values.containsKey(name))) {
            values.put(name, value);
        }
    }

    private AllocatorSpec readSpec(AllocatorSpec defaults) {
        parsed("type", text -> text)
                .filter(other -> !other.equals(type))
                .ifPresent(other -> {
                    throw refused("type", "it is " + type);
                });
        String id = text("id").orElse(defaults.id());
        OptionalInt bit = parsed("bit", AllocatorSettings::bit).map(OptionalInt::of).orElse(defaults.bit());
        return new AllocatorSpec(
                id,
                parsed("priority", AllocatorSettings::integer).orElse(defaults.priority()),
                type,
                text("name").orElse(id),
                text("pool").or(defaults::pool),
                bit,
                values.containsKey("secure") ? flag("secure") : defaults.secure(),
                values.containsKey("coherent") ? flag("coherent") : defaults.coherent(),
                values.containsKey("flags") ? new TreeSet<>(names("flags")) : defaults.flags());
    }

    private Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key))
                .map(value -> elements(value).stream().collect(Collectors.joining(",")));
    }

    private <T> Optional<T> parsed(String key, Function<String, T> parser) {
        try {
            return text(key).map(parser);
        } catch (DmaBufException e) {
            throw refused(key, e.explanation().text());
        }
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid("write true or false");
        };
    }

    private static int integer(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw invalid("write a whole number from -2147483648 to 2147483647");
        }
    }

    private static int bit(String text) {
        long bit = Quantity.parse(text);
        if (bit < 0 || bit > 63) {
            throw invalid("an access-mask bit is a number from 0 to 63");
        }
        return (int) bit;
    }

    private static boolean isMany(Object value) {
        return value instanceof Object[] || value instanceof Collection<?>;
    }

    private static List<String> elements(Object value) {
        return switch (value) {
            case Object[] array -> Arrays.stream(array).map(each -> each.toString().strip()).toList();
            case Collection<?> many -> many.stream().map(each -> each.toString().strip()).toList();
            default -> List.of(value.toString().strip());
        };
    }

    private DmaBufException unknown(String key, Set<String> keys) {
        Set<String> known = new TreeSet<>(COMMON);
        known.addAll(keys);
        return invalid("unknown key '" + key + "' of allocator " + type + ": the keys are " + String.join(", ", known));
    }

    private static DmaBufException invalid(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }
}
