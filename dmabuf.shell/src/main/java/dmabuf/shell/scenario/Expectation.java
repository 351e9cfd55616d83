// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.Reason;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a statement must come to.
 *
 * @param refusal the reason of a refusal, or empty for success
 * @param facts what must hold then, as written
 */
record Expectation(Optional<Reason> refusal, Map<String, String> facts) {
    /** What a statement without an arrow expects. */
    static final Expectation SUCCESS = new Expectation(Optional.empty(), Map.of());

    Expectation {
        facts = new LinkedHashMap<>(facts);
    }

    /** Returns the outcome's word and the facts, as in files. */
    @Override
    public String toString() {
        String outcome = refusal.map(Enum::name).orElse("ok");
        String rest = facts.entrySet().stream()
                .map(fact -> " " + fact.getKey() + "=" + fact.getValue())
                .collect(Collectors.joining());
        return outcome + rest;
    }
}
