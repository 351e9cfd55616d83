// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.usage;

import dmabuf.shell.text.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** How one command is written. Immutable; built word by word. */
public final class Usage {
    /** How long options may be on the line of a synopsis; its page lists them anyway. */
    private static final int MOST_OPTIONS = 90;

    private final String name;
    private final String purpose;
    private final List<Word> words;
    private final List<Option> options;
    private final List<String> examples;

    private Usage(String name, String purpose, List<Word> words, List<Option> options, List<String> examples) {
        this.name = name;
        this.purpose = purpose;
        this.words = List.copyOf(words);
        this.options = List.copyOf(options);
        this.examples = List.copyOf(examples);
    }

    /**
     * A plain word.
     *
     * @param name what it is called
     * @param meaning what it means
     * @param kind what may stand there
     * @param optional whether it may be left out
     * @param many whether more of the kind may follow; the last word only
     */
    public record Word(String name, String meaning, Kind kind, boolean optional, boolean many) {
        @Override
        public String toString() {
            String shown = name + (many ? "..." : "");
            return optional ? "[" + shown + "]" : shown;
        }
    }

    /**
     * An option.
     *
     * @param name the name with its dashes
     * @param value what its value is called, or empty when it takes none
     * @param meaning what it means
     * @param kind what its value may be
     */
    public record Option(String name, String value, String meaning, Kind kind) {
        /** Returns whether it takes a value. */
        public boolean takesValue() {
            return !value.isEmpty();
        }

        @Override
        public String toString() {
            return takesValue() ? name + " " + value : name;
        }
    }

    /** Starts a usage. */
    static Usage of(String name, String purpose) {
        return new Usage(name, purpose, List.of(), List.of(), List.of());
    }

    private static <T> List<T> with(List<T> list, T element) {
        List<T> more = new ArrayList<>(list);
        more.add(element);
        return more;
    }

    private Usage with(Word word) {
        return new Usage(name, purpose, with(words, word), options, examples);
    }

    Usage word(String word, Kind kind, String meaning) {
        return with(new Word(word, meaning, kind, false, false));
    }

    Usage words(String word, Kind kind, String meaning) {
        return with(new Word(word, meaning, kind, false, true));
    }

    Usage maybe(String word, Kind kind, String meaning) {
        return with(new Word(word, meaning, kind, true, false));
    }

    Usage maybeSeveral(String word, Kind kind, String meaning) {
        return with(new Word(word, meaning, kind, true, true));
    }

    Usage flag(String option, String meaning) {
        return option(option, "", Kind.FREE, meaning);
    }

    Usage option(String option, String value, Kind kind, String meaning) {
        return new Usage(name, purpose, words, with(options, new Option(option, value, meaning, kind)), examples);
    }

    Usage example(String line) {
        return new Usage(name, purpose, words, options, with(examples, line));
    }

    /** Returns the command's name without its scope. */
    public String name() {
        return name;
    }

    /** Returns in a few words what it does. */
    public String purpose() {
        return purpose;
    }

    /** Returns its options. */
    public List<Option> options() {
        return options;
    }

    /** Returns what may stand at a place among the plain words; empty past the last. */
    public Optional<Word> wordAt(int place) {
        if (place < words.size()) {
            return Optional.of(words.get(place));
        }
        return words.isEmpty() ? Optional.empty() : Optional.of(words.getLast()).filter(Word::many);
    }

    /** Returns the option of a name. */
    public Optional<Option> option(String wanted) {
        return options.stream().filter(option -> option.name().equals(wanted)).findFirst();
    }

    /**
     * Reads the arguments of a call.
     *
     * @throws UsageError when a word is missing or one too many, or an option is unknown or lacks its value
     */
    public Arguments parse(List<String> arguments) {
        String[] known = options.stream()
                .map(option -> option.takesValue() ? option.name() + "=" : option.name())
                .toArray(String[]::new);
        Arguments sorted = Arguments.of(arguments, known);
        int given = sorted.words().size();
        Optional<Word> missing = wordAt(given).filter(word -> !word.optional() && given < words.size());
        if (missing.isPresent()) {
            throw new UsageError(missing.get().name() + " is missing");
        }
        if (given > words.size() && wordAt(given).isEmpty()) {
            throw new UsageError("there is a word too many: " + sorted.words().get(words.size()));
        }
        return sorted;
    }

    /** Returns how it is written, on one line. */
    public String synopsis() {
        String plain = words.stream().map(word -> " " + word).collect(Collectors.joining());
        String dashed = options.stream().map(option -> " [" + option + "]").collect(Collectors.joining());
        return name + plain + (dashed.length() > MOST_OPTIONS ? " [--option...]" : dashed);
    }

    /** Returns all that is to be said about it. */
    public String page() {
        StringBuilder text = new StringBuilder(name + ": " + purpose + "\n\nusage: " + synopsis() + "\n");
        TextTable table = new TextTable("", "");
        words.forEach(word -> table.row(word.name(), word.meaning()));
        options.forEach(option -> table.row(option.toString(), option.meaning()));
        if (!table.isEmpty()) {
            String lines = table.format(2);
            text.append(lines, lines.indexOf('\n') + 1, lines.length());
        }
        text.append(examples.isEmpty() ? "" : "\nfor example\n");
        examples.forEach(line -> text.append("  ").append(line).append('\n'));
        return text.toString();
    }
}
