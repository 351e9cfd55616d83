// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Reads the lines of a scenario file into cases. Words are checked here: an unknown one spoils its case, and only that.
 * Values of keys are left to the run, because a wrong one may be what the case is about; values of facts are checked.
 */
final class ScenarioParser {
    private static final String ARROW = "->";

    private final List<ScenarioCase> cases = new ArrayList<>();
    private List<Statement> statements = new ArrayList<>();
    private Optional<ScenarioError> error = Optional.empty();
    private String id = "";
    private int start;

    private ScenarioParser() {}

    /** Returns the cases of a file. */
    static List<ScenarioCase> parse(List<String> lines) {
        ScenarioParser parser = new ScenarioParser();
        for (int i = 0; i < lines.size(); i++) {
            parser.line(i + 1, lines.get(i));
        }
        parser.endCase();
        return parser.cases;
    }

    private void line(int number, String line) {
        String text = withoutComment(line.startsWith("\ufeff") ? line.substring(1) : line).strip();
        if (text.isEmpty()) {
            return;
        }
        List<String> words = Stream.of(text.split("\\s+", -1)).toList();
        try {
            if (words.getFirst().equals("case")) {
                beginCase(number, words);
            } else if (error.isEmpty()) {
                statements.add(statement(number, words));
            }
        } catch (ScenarioError e) {
            error = Optional.of(e);
        }
    }

    private static String withoutComment(String line) {
        int hash = line.indexOf('#');
        return hash < 0 ? line : line.substring(0, hash);
    }

    private void beginCase(int number, List<String> words) {
        endCase();
        start = number;
        if (words.size() < 2) {
            throw new ScenarioError(number, "'case' has no id: write case ID [text]");
        }
        id = words.get(1);
    }

    private void endCase() {
        if (start > 0 || error.isPresent()) {
            cases.add(new ScenarioCase(id, start, statements, error));
        }
        statements = new ArrayList<>();
        error = Optional.empty();
        id = "";
        start = 0;
    }

    private Statement statement(int line, List<String> words) {
        Verb verb = Verb.of(line, words.getFirst());
        if (start == 0) {
            throw new ScenarioError(line, "'" + verb.word() + "' stands before the first case: begin with case ID");
        }
        int arrow = words.indexOf(ARROW);
        List<String> left = arrow < 0 ? words : words.subList(0, arrow);
        Expectation expected =
                arrow < 0 ? Expectation.SUCCESS : expectation(line, verb, words.subList(arrow + 1, words.size()));
        if (left.size() <= verb.places) {
            throw new ScenarioError(line, "'" + verb.word() + "' needs " + (verb.places == 1 ? "a word" : verb.places + " words") + " after it, and has "
                    + (left.size() - 1));
        }
        List<String> places = left.subList(1, verb.places + 1);
        List<String> rest = left.subList(verb.places + 1, left.size());
        if (verb == Verb.EXPECT) {
            expected = new Expectation(expected.refusal(), facts(line, verb, rest, expected.facts()));
            rest = List.of();
        }
        List<Options> options = options(line, verb, rest);
        required(line, verb, options.getFirst());
        return new Statement(line, String.join(" ", left), verb, places, options, expected);
    }

    private static Expectation expectation(int line, Verb verb, List<String> words) {
        if (words.isEmpty()) {
            throw new ScenarioError(line, "nothing after '->': write ok or a reason");
        }
        String outcome = words.getFirst();
        Optional<Reason> refusal = outcome.equals("ok") ? Optional.empty() : Optional.of(reason(line, outcome));
        return new Expectation(refusal, facts(line, verb, words.subList(1, words.size()), Map.of()));
    }

    private static Reason reason(int line, String word) {
        return Arrays.stream(Reason.values())
                .filter(reason -> reason.name().equals(word))
                .findFirst()
                .orElseThrow(() -> ScenarioError.unknown(
                        line, "outcome", word,
                        Stream.concat(Stream.of("ok"), Arrays.stream(Reason.values()).map(Enum::name)).toList()));
    }

    private static Map<String, String> facts(int line, Verb verb, List<String> words, Map<String, String> more) {
        Map<String, String> facts = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            String key = equals < 0 ? word : word.substring(0, equals);
            FactType type = verb.facts
                    .type(key)
                    .orElseThrow(() -> ScenarioError.unknown(
                            line, "fact of '" + verb.word() + "'", key, verb.facts.names()));
            if (equals < 0) {
                throw new ScenarioError(line, "the fact '" + key + "' has no value: write " + key + "=VALUE");
            }
            check(line, type, word, word.substring(equals + 1));
            put(line, facts, key, word.substring(equals + 1));
        }
        facts.putAll(more);
        return facts;
    }

    private static void check(int line, FactType type, String word, String value) {
        try {
            type.canonical(value, UnaryOperator.identity());
        } catch (DmaBufException e) {
            throw new ScenarioError(line, "bad fact '" + word + "': " + e.getMessage());
        }
    }

    private static List<Options> options(int line, Verb verb, List<String> words) {
        List<Options> groups = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < words.size() && verb == Verb.DEVICE; i++) {
            if (words.get(i).equals("alt")) {
                groups.add(group(line, verb, words.subList(from, i)));
                from = i + 1;
            }
        }
        groups.add(group(line, verb, words.subList(from, words.size())));
        if (verb == Verb.ALLOCATOR) {
            AllocatorType.check(line, groups.getFirst());
        }
        return groups;
    }

    private static Options group(int line, Verb verb, List<String> words) {
        Map<String, String> values = new LinkedHashMap<>();
        Set<String> flags = new HashSet<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals >= 0) {
                String key = word.substring(0, equals);
                known(line, verb, "key", key, verb.keys);
                put(line, values, key, word.substring(equals + 1));
            } else {
                known(line, verb, "word", word, bareWords(verb));
                flags.add(word);
            }
        }
        return new Options(values, flags);
    }

    /** The flags, and the keys as they would have to be written. */
    private static Set<String> bareWords(Verb verb) {
        Set<String> words = new HashSet<>(verb.flags);
        verb.keys.forEach(key -> words.add(key + "="));
        return words;
    }

    private static void known(int line, Verb verb, String kind, String word, Set<String> known) {
        if (verb != Verb.ALLOCATOR && !known.contains(word)) {
            throw ScenarioError.unknown(line, kind + " of '" + verb.word() + "'", word, known);
        }
    }

    private static void required(int line, Verb verb, Options options) {
        for (String key : verb.required) {
            if (options.text(key).isEmpty()) {
                throw new ScenarioError(line, "'" + verb.word() + "' has no " + key + ": add " + key + "=VALUE");
            }
        }
    }

    private static void put(int line, Map<String, String> values, String key, String value) {
        if (values.putIfAbsent(key, value) != null) {
            throw new ScenarioError(line, "'" + key + "' is given twice");
        }
    }
}
