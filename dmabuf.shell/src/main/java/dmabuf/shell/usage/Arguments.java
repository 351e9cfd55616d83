// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.usage;

import dmabuf.shell.text.NearNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The words of a command line, sorted out. Options may stand anywhere; behind {@code --} everything is a plain word.
 *
 * @param words the plain words
 * @param flags the options without a value
 * @param values the options with one
 */
public record Arguments(List<String> words, Set<String> flags, Map<String, String> values) {
    /**
     * Sorts words.
     *
     * @param known the options; one with an equals sign at its end takes a value
     */
    public static Arguments of(List<String> arguments, String... known) {
        Set<String> options = Set.of(known);
        Arguments sorted = new Arguments(new ArrayList<>(), new HashSet<>(), new HashMap<>());
        boolean plain = false;
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (plain || !word.startsWith("-")) {
                sorted.words.add(word);
            } else if (word.equals("--")) {
                plain = true;
            } else if (options.contains(word)) {
                sorted.flags.add(word);
            } else if (options.contains(word + "=")) {
                if (++i == arguments.size()) {
                    throw new UsageError(word + " needs a value");
                }
                sorted.values.put(word, arguments.get(i));
            } else {
                throw unknown(word, options);
            }
        }
        return sorted;
    }

    private static UsageError unknown(String word, Set<String> options) {
        List<String> plain =
                options.stream().map(each -> each.replace("=", "")).sorted().toList();
        return new UsageError("unknown option '" + word + "': " + NearNames.hint(word, plain));
    }

    /** Returns whether an option without a value was given. */
    public boolean has(String flag) {
        return flags.contains(flag);
    }

    /** Returns the value of an option. */
    public Optional<String> value(String option) {
        return Optional.ofNullable(values.get(option));
    }

    /** Returns a value that must be there. */
    public String required(String option) {
        return value(option).orElseThrow(() -> new UsageError(option + " is missing"));
    }

    /** Returns the plain words, of which there must be one at least. */
    public List<String> some(String noun) {
        if (words.isEmpty()) {
            throw new UsageError("no " + noun + " is named");
        }
        return words;
    }

    /** Returns the plain word at a place that its command requires. */
    public String word(int place) {
        return words.get(place);
    }

    /** Returns the plain words from a place on. */
    public List<String> from(int place) {
        return words.subList(Math.min(place, words.size()), words.size());
    }
}
