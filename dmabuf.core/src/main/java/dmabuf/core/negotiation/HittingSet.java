// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Searches the smallest set that has an element in each of several sets; of the smallest the lexicographically first.
 * Sets may be added between searches: the answer then only grows.
 */
final class HittingSet {
    /** How many partial sets all searches together look at before they give up. */
    private static final int MAX_STEPS = 1_000_000;

    private final List<BitSet> targets = new ArrayList<>();
    private int least;
    private int steps;

    /** Returns the smallest hitting set of these; empty when the search became too long. */
    static Optional<BitSet> smallest(List<BitSet> targets) {
        HittingSet search = new HittingSet();
        targets.forEach(search::add);
        return search.smallest();
    }

    /** Adds a set of small numbers, which must not be empty. */
    void add(BitSet target) {
        targets.add(target);
    }

    /** Returns the smallest hitting set of all that were added; empty when the search became too long. */
    Optional<BitSet> smallest() {
        BitSet chosen = new BitSet();
        while (least <= targets.size() && steps <= MAX_STEPS) {
            if (choose(chosen, 0, least)) {
                return Optional.of(chosen);
            }
            least++;
        }
        return Optional.empty();
    }

    /**
     * Extends the choice by at most so many elements, none below {@code from}. As no smaller set exists, an element
     * that hits nothing new is in no answer; and one beyond the last element of a target cannot come first any more.
     */
    private boolean choose(BitSet chosen, int from, int more) {
        BitSet useful = new BitSet();
        int last = Integer.MAX_VALUE;
        for (BitSet target : targets) {
            if (!target.intersects(chosen)) {
                useful.or(target);
                last = Math.min(last, target.length() - 1);
            }
        }
        if (useful.isEmpty()) {
            return true;
        }
        if (more == 0 || ++steps > MAX_STEPS) {
            return false;
        }
        for (int element = useful.nextSetBit(from); element >= 0 && element <= last;
                element = useful.nextSetBit(element + 1)) {
            chosen.set(element);
            if (choose(chosen, element + 1, more - 1)) {
                return true;
            }
            chosen.clear(element);
        }
        return false;
    }
}
