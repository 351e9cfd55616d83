// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the runtime knows of an allocator without calling it: the service properties that begin with
 * {@value #PREFIX}.
 *
 * @param id {@code id}: unique, not blank
 * @param priority {@code priority}: higher is asked first; default 0
 * @param type {@code type}: default {@code custom}
 * @param name {@code name}: readable; default the id
 * @param pool {@code pool}: the pool that it serves
 * @param bit {@code bit}: its bit of the access mask, 0 to 63; absent means that any mask fits
 * @param secure {@code secure}: offers secure memory
 * @param coherent {@code coherent}: offers coherent memory
 * @param flags {@code flags}: buffer flags that it knows besides the common ones
 */
public record AllocatorSpec(
        String id,
        int priority,
        String type,
        String name,
        Optional<String> pool,
        OptionalInt bit,
        boolean secure,
        boolean coherent,
        Set<String> flags) {
    /** What the names of the service properties begin with. */
    public static final String PREFIX = "dmabuf.allocator.";

    private static final int HIGHEST_BIT = 63;

    /** Refuses with INVALID a blank id and a bit outside 0..63. */
    public AllocatorSpec {
        flags = Set.copyOf(flags);
        if (id.isBlank()) {
            throw new DmaBufException(Reason.INVALID, "an allocator needs the property " + PREFIX + "id");
        }
        if (bit.isPresent() && (bit.getAsInt() < 0 || bit.getAsInt() > HIGHEST_BIT)) {
            throw new DmaBufException(
                    Reason.INVALID, "bit=" + bit.getAsInt() + " of allocator " + id + " is not between 0 and 63");
        }
    }

    /** Returns the spec of an id and a priority, with everything else at its default. */
    public static AllocatorSpec of(String id, String type, int priority) {
        return new AllocatorSpec(
                id, priority, type, id, Optional.empty(), OptionalInt.empty(), false, false, Set.of());
    }

    /**
     * Reads service properties.
     *
     * @throws DmaBufException INVALID when the id is missing or a value has the wrong form
     */
    public static AllocatorSpec from(Map<String, ?> properties) {
        String id = text(properties, "id").orElse("");
        return new AllocatorSpec(
                id,
                number(properties, "priority", Integer.MIN_VALUE, Integer.MAX_VALUE).orElse(0),
                text(properties, "type").orElse("custom"),
                text(properties, "name").orElse(id),
                text(properties, "pool"),
                number(properties, "bit", 0, HIGHEST_BIT).map(OptionalInt::of).orElse(OptionalInt.empty()),
                flag(properties, "secure"),
                flag(properties, "coherent"),
                new TreeSet<>(names(properties, "flags")));
    }

    /** Returns the service properties from which {@link #from} reads the same. */
    public Map<String, Object> toProperties() {
        Map<String, Object> properties = new TreeMap<>();
        properties.put(PREFIX + "id", id);
        properties.put(PREFIX + "priority", priority);
        properties.put(PREFIX + "type", type);
        properties.put(PREFIX + "name", name);
        pool.ifPresent(value -> properties.put(PREFIX + "pool", value));
        bit.ifPresent(value -> properties.put(PREFIX + "bit", value));
        properties.put(PREFIX + "secure", secure);
        properties.put(PREFIX + "coherent", coherent);
        properties.put(PREFIX + "flags", flags.stream().sorted().toArray(String[]::new));
        return properties;
    }

    private static Optional<String> text(Map<String, ?> properties, String key) {
        return Optional.ofNullable(properties.get(PREFIX + key)).map(Object::toString).filter(word -> !word.isBlank());
    }

    /** Returns a number from one to another; INVALID for one outside, before its high digits are lost. */
    private static Optional<Integer> number(Map<String, ?> properties, String key, int least, int most) {
        Optional<Long> stated = number(properties, key);
        if (stated.isPresent() && (stated.get() < least || stated.get() > most)) {
            throw new DmaBufException(
                    Reason.INVALID,
                    key + "=" + properties.get(PREFIX + key) + " of allocator " + text(properties, "id").orElse("")
                            + " is not between " + least + " and " + most);
        }
        return stated.map(Long::intValue);
    }

    private static Optional<Long> number(Map<String, ?> properties, String key) {
        Object value = properties.get(PREFIX + key);
        if (value instanceof Number number) {
            return Optional.of(number.longValue());
        }
        return text(properties, key).map(word -> word.startsWith("-")
                ? -bounded(word.substring(1))
                : bounded(word));
    }

    /** Returns an unsigned number, at most the largest signed one. */
    private static long bounded(String word) {
        long value = Quantity.parse(word);
        return value < 0 ? Long.MAX_VALUE : value;
    }

    private static boolean flag(Map<String, ?> properties, String key) {
        return text(properties, key).map(Boolean::parseBoolean).orElse(false);
    }

    private static Collection<String> names(Map<String, ?> properties, String key) {
        Object value = properties.get(PREFIX + key);
        if (value instanceof String[] array) {
            return List.of(array);
        }
        return value instanceof Collection<?> many
                ? many.stream().map(Object::toString).toList()
                : text(properties, key).map(List::of).orElse(List.of());
    }
}
