// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.Direction;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.shell.text.BytePattern;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the words of commands; INVALID with the words that would do. */
public final class Choices {
    private static final Map<String, Direction> DIRECTIONS = Map.of(
            "to", Direction.TO_DEVICE, "from", Direction.FROM_DEVICE, "both", Direction.BIDIRECTIONAL);

    private Choices() {}

    static <E extends Enum<E>> E of(String option, String word, E[] values) {
        return Arrays.stream(values)
                .filter(value -> value.name().equals(word.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new DmaBufException(
                        Reason.INVALID,
                        option + " is one of "
                                + Arrays.toString(values).toLowerCase(Locale.ROOT) + ", not " + word));
    }

    /** Returns the direction of the word, or both where there is none. */
    static Direction direction(List<String> words) {
        String word = words.isEmpty() ? "both" : words.getFirst();
        return Optional.ofNullable(DIRECTIONS.get(word))
                .orElseThrow(() -> new DmaBufException(
                        Reason.INVALID, "a direction is to, from or both, not " + word));
    }

    /** Returns a device's name; {@code family=hantro} is a filter without the parentheses that Gogo has a use for. */
    public static String device(String word) {
        return word.contains("=") && !word.startsWith("(") ? "(" + word + ")" : word;
    }

    /** Returns the names of devices. */
    public static List<String> devices(List<String> words) {
        return words.stream().map(Choices::device).toList();
    }

    static List<String> list(String words) {
        return words.isEmpty() ? List.of() : List.of(words.split(",", -1));
    }

    static BytePattern pattern(String seed) {
        return seed.equals("zero") ? BytePattern.zero() : BytePattern.ofSeed(Quantity.parse(seed));
    }
}
