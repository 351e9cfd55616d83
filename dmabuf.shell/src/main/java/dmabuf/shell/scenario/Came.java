// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.Explanation;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a statement came to.
 *
 * @param refusal the reason and the words of a refusal, or empty for success
 * @param facts what the runtime reports
 */
record Came(Optional<Explanation> refusal, Map<String, String> facts) {
    Came {
        facts = new LinkedHashMap<>(facts);
    }

    static Came success(Map<String, String> facts) {
        return new Came(Optional.empty(), facts);
    }

    static Came refused(Explanation explanation) {
        return new Came(Optional.of(explanation), Facts.of(explanation));
    }

    /** Returns this with further facts, which win. */
    Came with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(facts);
        all.putAll(more);
        return new Came(refusal, all);
    }

    /**
     * Compares with what was expected.
     *
     * @param fullName makes the name of a device full
     * @return what came instead, or empty when it is as expected
     */
    Optional<String> differs(Expectation expected, FactGroup group, UnaryOperator<String> fullName) {
        if (!expected.refusal().equals(refusal.map(Explanation::reason))) {
            return Optional.of(outcome(expected));
        }
        List<String> wrong = new ArrayList<>();
        expected.facts().forEach((fact, value) -> {
            if (!holds(group, fact, value, fullName)) {
                wrong.add(fact + "=" + facts.getOrDefault(fact, "(not reported)"));
            }
        });
        return wrong.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", wrong) + words());
    }

    private boolean holds(FactGroup group, String fact, String value, UnaryOperator<String> fullName) {
        FactType type = group.type(fact).orElseThrow();
        String reported = facts.getOrDefault(fact, type == FactType.SEGMENT ? FactType.NONE : "");
        return !reported.isEmpty()
                && type.canonical(value, fullName).equals(type.canonical(reported, fullName));
    }

    /** The reason with its blames and its words, or ok with the facts that were asked for. */
    private String outcome(Expectation expected) {
        if (refusal.isPresent()) {
            Reason reason = refusal.get().reason();
            return reason + " blames=" + facts.getOrDefault("blames", FactType.NONE) + words();
        }
        StringBuilder text = new StringBuilder("ok");
        expected.facts().keySet().stream()
                .filter(facts::containsKey)
                .forEach(fact -> text.append(' ').append(fact).append('=').append(facts.get(fact)));
        return text.toString();
    }

    private String words() {
        return refusal.map(explanation -> " (" + explanation.text() + ")").orElse("");
    }
}
