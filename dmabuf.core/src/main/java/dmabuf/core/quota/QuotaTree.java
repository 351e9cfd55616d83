// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.quota;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All quotas in force, one below the other. A parent that is not there is none until it comes. Immutable but for what it
 * remembers.
 */
final class QuotaTree {
    private final Map<String, QuotaRule> byName = new LinkedHashMap<>();
    private final Map<Account, Set<QuotaRule>> charged = new HashMap<>();

    /** What an owner takes of a pool. */
    private record Account(String owner, String pool) {}

    /**
     * Builds the tree.
     *
     * @throws DmaBufException INVALID when two have the same name, or one stands above itself
     */
    QuotaTree(Collection<QuotaRule> rules) {
        for (QuotaRule rule : rules) {
            if (byName.putIfAbsent(rule.name(), rule) != null) {
                throw invalid("the name of " + rule + " is taken by another configuration");
            }
        }
        rules.forEach(this::checkAbove);
    }

    private void checkAbove(QuotaRule rule) {
        Set<QuotaRule> above = new LinkedHashSet<>();
        for (Optional<QuotaRule> next = parent(rule); next.isPresent(); next = parent(next.get())) {
            if (next.get() == rule) {
                throw invalid(rule + " would stand above itself: parent=" + rule.parent().orElse(""));
            }
            if (!above.add(next.get())) {
                return;
            }
        }
    }

    private static DmaBufException invalid(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }

    private Optional<QuotaRule> parent(QuotaRule rule) {
        return rule.parent().map(byName::get);
    }

    Collection<QuotaRule> rules() {
        return byName.values();
    }

    /** Returns what somebody should know of a rule, or empty when it is in force as it stands. */
    Optional<String> complaint(QuotaRule rule) {
        return rule.parent()
                .filter(name -> !byName.containsKey(name))
                .map(name -> rule + " stands alone until its parent comes, quota " + name);
    }

    /** Returns the rules to which is charged what an owner takes of a pool: those that match, and all above them. */
    Set<QuotaRule> charged(String owner, String pool) {
        return charged.computeIfAbsent(new Account(owner, pool), this::matching);
    }

    private Set<QuotaRule> matching(Account account) {
        return withAllAbove(byName.values().stream().filter(rule -> rule.matches(account.owner(), account.pool())));
    }

    /** Returns the rules that limit an owner in some pool. */
    Stream<QuotaRule> limiting(String owner) {
        return withAllAbove(byName.values().stream().filter(rule -> rule.matches(owner))).stream();
    }

    private Set<QuotaRule> withAllAbove(Stream<QuotaRule> matching) {
        Set<QuotaRule> found = matching.collect(Collectors.toCollection(LinkedHashSet::new));
        for (QuotaRule rule : new ArrayList<>(found)) {
            for (Optional<QuotaRule> above = parent(rule); above.isPresent(); above = parent(above.get())) {
                found.add(above.get());
            }
        }
        return found;
    }
}
