// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.Quantity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The words of a statement that say by themselves what they are.
 *
 * @param values the {@code key=value} words
 * @param flags the bare words
 */
record Options(Map<String, String> values, Set<String> flags) {
    Options {
        values = new LinkedHashMap<>(values);
        flags = Set.copyOf(flags);
    }

    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** Returns a number, INVALID when it is none. */
    OptionalLong number(String key) {
        return text(key).map(word -> OptionalLong.of(Quantity.parse(word))).orElse(OptionalLong.empty());
    }

    /** Returns the parts of a list; empty when it is not there. */
    List<String> names(String key) {
        return text(key).map(Names::split).orElse(List.of());
    }

    boolean has(String flag) {
        return flags.contains(flag);
    }
}
