// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Searches the smallest set of elements that conflict; of the smallest the lexicographically first. The predicate
 * must be monotone: what conflicts, conflicts with more elements too.
 *
 * <p>The method is that of implicit hitting sets (Ignatiev and others, "Smallest MUS extraction with minimal hitting
 * set dualization", 2015). A correction set is what is missing in a largest set without conflict; every conflict has
 * an element in each of them. So the smallest hitting set of those known so far is never larger than the answer, nor
 * behind it in order: when it conflicts, it is the answer, and else it grows to one more correction set.
 */
final class SmallestConflict {
    private final int size;
    private final Predicate<BitSet> conflicts;
    private final BooleanSupplier exhausted;
    private final List<Integer> order = new ArrayList<>();

    /** The order of growing does not change the answer; different orders find it sooner than one. */
    private final Random shuffle = new Random(0);

    /**
     * Prepares a search.
     *
     * @param size the elements are 0 .. size-1; all together they conflict
     * @param exhausted whether so much work was done that an answer without superfluous elements must do
     */
    SmallestConflict(int size, Predicate<BitSet> conflicts, BooleanSupplier exhausted) {
        this.size = size;
        this.conflicts = conflicts;
        this.exhausted = exhausted;
        for (int element = 0; element < size; element++) {
            order.add(element);
        }
    }

    BitSet find() {
        HittingSet corrections = new HittingSet();
        while (!exhausted.getAsBoolean()) {
            Optional<BitSet> hitting = corrections.smallest();
            if (hitting.isEmpty()) {
                break;
            }
            if (conflicts.test(hitting.get())) {
                return hitting.get();
            }
            corrections.add(correction(hitting.get()));
        }
        return irreducible();
    }

    /** Grows a set without conflict as far as it goes, and returns what is left outside. */
    private BitSet correction(BitSet peaceful) {
        BitSet grown = (BitSet) peaceful.clone();
        Collections.shuffle(order, shuffle);
        grow(grown, order.subList(0, size / 2));
        grow(grown, order.subList(size / 2, size));
        grown.flip(0, size);
        return grown;
    }

    /** Adds one element after the other, as far as they do not conflict; whole stretches at once where they do not. */
    private void grow(BitSet grown, List<Integer> elements) {
        BitSet more = (BitSet) grown.clone();
        elements.forEach(more::set);
        if (more.equals(grown)) {
            return;
        }
        if (!conflicts.test(more)) {
            grown.or(more);
        } else if (elements.size() > 1) {
            int middle = elements.size() / 2;
            grow(grown, elements.subList(0, middle));
            grow(grown, elements.subList(middle, elements.size()));
        }
    }

    /** Removes what is superfluous, the last first. */
    private BitSet irreducible() {
        BitSet left = new BitSet();
        left.set(0, size);
        for (int element = size - 1; element >= 0; element--) {
            left.clear(element);
            if (!conflicts.test(left)) {
                left.set(element);
            }
        }
        return left;
    }
}
