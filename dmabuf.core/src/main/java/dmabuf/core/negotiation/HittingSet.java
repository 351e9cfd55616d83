// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Searches the smallest set that has an element in each of several sets; of the smallest the lexicographically first.
 */
final class HittingSet {
    /** How many sets are looked at before the search gives up. */
    private static final int MAX_STEPS = 200_000;

    private final List<BitSet> targets;
    private final BitSet chosen = new BitSet();
    private int steps;

    private HittingSet(List<BitSet> targets) {
        this.targets = targets;
    }

    /**
     * Returns the smallest hitting set; empty when the search became too long.
     *
     * @param targets sets of small numbers, none of them empty
     */
    static Optional<BitSet> smallest(List<BitSet> targets) {
        HittingSet search = new HittingSet(targets);
        for (int size = 0; size <= targets.size(); size++) {
            if (search.choose(0, size)) {
                return Optional.of(search.chosen);
            }
            if (search.steps > MAX_STEPS) {
                break;
            }
        }
        return Optional.empty();
    }

    /**
     * Extends the choice by at most so many elements, none below {@code from}. As no smaller set exists, an element
     * that hits nothing new is in no answer; and one beyond the last element of a target cannot come first any more.
     */
    private boolean choose(int from, int more) {
        List<BitSet> open = targets.stream().filter(target -> !target.intersects(chosen)).toList();
        if (open.isEmpty()) {
            return true;
        }
        if (more == 0 || ++steps > MAX_STEPS) {
            return false;
        }
        int last = open.stream().mapToInt(target -> target.length() - 1).min().orElseThrow();
        for (int element = from; element <= last; element++) {
            int candidate = element;
            if (open.stream().anyMatch(target -> target.get(candidate))) {
                chosen.set(element);
                if (choose(element + 1, more - 1)) {
                    return true;
                }
                chosen.clear(element);
            }
        }
        return false;
    }
}
