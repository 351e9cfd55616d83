// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.lang.reflect.Array;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The values of a configuration, wherever it comes from: Configuration Admin, a board, a scenario. Values may be text,
 * numbers, flags, arrays or collections; a blank text and an empty array are the same as no value. A key with a dot or
 * a colon belongs to the framework and is passed over; any other that is not known is refused. Every error is INVALID
 * and names the key, the value and what would be right. Immutable.
 */
public final class ConfiguredValues {
    private final String subject;
    private final Map<String, Object> values = new TreeMap<>();

    private ConfiguredValues(String subject) {
        this.subject = subject;
    }

    /**
     * Takes the values of a configuration.
     *
     * @param subject whose configuration it is, for messages
     * @param keys the known keys
     * @throws DmaBufException INVALID for an unknown key; it names the known ones
     */
    public static ConfiguredValues of(String subject, Set<String> keys, Map<String, ?> configuration) {
        ConfiguredValues taken = new ConfiguredValues(subject);
        configuration.forEach((key, value) -> {
            if (keys.contains(key)) {
                taken.keep(key, value);
            } else if (!isForeign(key)) {
                throw unknown(subject, key, keys);
            }
        });
        return taken;
    }

    private void keep(String key, Object value) {
        if (!isBlank(value)) {
            values.put(key, value);
        }
    }

    private static boolean isForeign(String key) {
        return key.indexOf('.') >= 0 || key.indexOf(':') >= 0;
    }

    /** Returns whether a key has a value. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** Returns a key's text, or empty when it is absent; several elements are parted by commas. */
    public Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key)).map(value -> String.join(",", elements(value)));
    }

    /** Returns a key's unsigned number, or empty when it is absent. */
    public OptionalLong number(String key) {
        return parsed(key, Quantity::parse).map(OptionalLong::of).orElse(OptionalLong.empty());
    }

    /** Returns a key's unsigned number; INVALID when it is absent. */
    public long requiredNumber(String key) {
        return number(key).orElseThrow(() -> missing(key));
    }

    /** Returns a key's number where it lies between two numbers, both inclusive and not negative; INVALID elsewhere. */
    public OptionalLong number(String key, long least, long most) {
        return parsed(key, text -> within(Quantity.parse(text), least, most))
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    /** Returns a key's whole number, perhaps negative, or empty when it is absent. */
    public OptionalInt integer(String key) {
        return parsed(key, ConfiguredValues::wholeNumber).map(OptionalInt::of).orElse(OptionalInt.empty());
    }

    /** Returns a key's address ranges, or empty when it is absent. */
    public Optional<AddressRanges> ranges(String key) {
        return parsed(key, AddressRanges::parse);
    }

    /**
     * Returns a key's names, none when it is absent; in text they are parted by commas, and {@code \,} is a comma. Blanks
     * around one are no part of it: in a list of names of those that a limit is for, one would be for nobody.
     */
    public List<String> names(String key) {
        Object value = values.get(key);
        List<String> elements = lines(key);
        return value == null || elements.size() != 1 || isMany(value)
                ? elements
                : Stream.of(elements.getFirst().split("(?<!\\\\),", -1))
                        .map(name -> name.replace("\\,", ",").strip())
                        .toList();
    }

    /** Returns a key's elements as they are, none when it is absent; a text is one. */
    public List<String> lines(String key) {
        Object value = values.get(key);
        return value == null ? List.of() : elements(value);
    }

    /** Returns a key's flag; false when it is absent. */
    public boolean flag(String key) {
        return parsed(key, ConfiguredValues::truth).orElse(false);
    }

    /** Returns what a reader makes of a key's text, or empty when it is absent; its INVALID gets the key's name. */
    public <T> Optional<T> parsed(String key, Function<String, T> reader) {
        try {
            return text(key).map(reader);
        } catch (DmaBufException e) {
            throw refused(key, e.explanation().text());
        }
    }

    /** Returns the error of a key that must be there. */
    public DmaBufException missing(String key) {
        return invalid(key + " of " + subject + " is missing");
    }

    /** Returns the error of a key's value. */
    public DmaBufException refused(String key, String why) {
        return invalid(key + "=" + text(key).orElse("") + " of " + subject + ": " + why);
    }

    /** Returns the error of a key that is not among the known ones. */
    static DmaBufException unknown(String subject, String key, Set<String> keys) {
        return invalid("unknown key '" + key + "' of " + subject + ": the keys are "
                + String.join(", ", new TreeSet<>(keys)));
    }

    private static long within(long value, long least, long most) {
        if (value < least || value > most) {
            throw invalid("write a number from " + least + " to " + most);
        }
        return value;
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid("write true or false");
        };
    }

    private static int wholeNumber(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw invalid("write a whole number from -2147483648 to 2147483647");
        }
    }

    private static boolean isMany(Object value) {
        return value.getClass().isArray() || value instanceof Collection<?>;
    }

    /** Returns whether a value is blank throughout. */
    static boolean isBlank(Object value) {
        return elements(value).stream().allMatch(String::isBlank);
    }

    private static List<String> elements(Object value) {
        return switch (value) {
            case Object[] array -> Arrays.stream(array).map(each -> each.toString().strip()).toList();
            case Collection<?> many -> many.stream().map(each -> each.toString().strip()).toList();
            case Object numbers when numbers.getClass().isArray() ->
                IntStream.range(0, Array.getLength(numbers)).mapToObj(i -> Array.get(numbers, i).toString()).toList();
            default -> List.of(value.toString().strip());
        };
    }

    private static DmaBufException invalid(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }
}
