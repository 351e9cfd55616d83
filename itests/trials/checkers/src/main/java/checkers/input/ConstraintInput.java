// SPDX-License-Identifier: Apache-2.0
package checkers.input;

import static checkers.input.Documented.check;

import dmabuf.api.AccessBits;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Constraints as text, a line for each device: read, written and read again, and combined. */
public final class ConstraintInput {
    private static final int MOST_LINES = 4;

    private ConstraintInput() {}

    /** Takes an input of the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        List<DmaConstraints> read = new ArrayList<>();
        String text = new String(input, StandardCharsets.UTF_8);
        text.lines().limit(MOST_LINES).forEach(line -> {
            twice(line, DmaConstraints::parse).ifPresent(read::add);
            twice(line, DmaPath::parse);
            twice(line, AddressRanges::parse);
            Documented.orInvalid(() -> AccessBits.parse(List.of(line)).mask(line));
            Documented.orInvalid(() -> Quantity.parse(line))
                    .ifPresent(value -> check(Quantity.parse(Quantity.format(value)) == value, "another number: " + line));
        });
        read.forEach(first -> read.forEach(second -> combined(first, second)));
    }

    /** What is written out reads back unchanged. */
    private static <T> Optional<T> twice(String text, Function<String, T> reader) {
        Optional<T> read = Documented.orInvalid(() -> reader.apply(text));
        read.ifPresent(value -> check(
                reader.apply(value.toString()).equals(value), "'" + text + "' is written as '" + value + "'"));
        return read;
    }

    private static void combined(DmaConstraints first, DmaConstraints second) {
        Optional<DmaConstraints> both = Documented.or(Set.of(Reason.INCOMPATIBLE), () -> first.combine(second));
        check(both.equals(second.tryCombine(first)), "not commutative: " + first + " and " + second);
        check(both.isPresent() == first.contradiction(second).isEmpty(), "in contradiction: " + first + " and " + second);
        both.ifPresent(all -> check(all.combine(first).equals(all), "laxer than a part: " + all + " than " + first));
    }
}
