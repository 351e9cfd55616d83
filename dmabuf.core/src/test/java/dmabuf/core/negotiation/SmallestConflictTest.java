// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The searches for the smallest sets, against a list of all sets. */
class SmallestConflictTest {
    private static final int CASES = 20_000;
    private static final int SIZE = 9;

    private final SplittableRandom random = new SplittableRandom(2015);

    private static BitSet bits(int mask) {
        return BitSet.valueOf(new long[] {mask});
    }

    private List<BitSet> sets(int most) {
        List<BitSet> sets = new ArrayList<>();
        for (int i = random.nextInt(most); i >= 0; i--) {
            BitSet set = bits(random.nextInt(1 << SIZE) & (random.nextBoolean() ? random.nextInt(1 << SIZE) : -1));
            if (!set.isEmpty()) {
                sets.add(set);
            }
        }
        return sets;
    }

    /** All sets, the smaller first, then in lexicographic order of their elements. */
    private static final List<BitSet> ALL = IntStream.range(0, 1 << SIZE)
            .mapToObj(SmallestConflictTest::bits)
            .sorted((a, b) -> a.cardinality() != b.cardinality()
                    ? Integer.compare(a.cardinality(), b.cardinality())
                    : Arrays.compare(a.stream().toArray(), b.stream().toArray()))
            .toList();

    private static boolean contains(BitSet set, BitSet part) {
        BitSet rest = (BitSet) part.clone();
        rest.andNot(set);
        return rest.isEmpty();
    }

    @Test
    @DisplayName("the smallest hitting set, and of the smallest the first")
    void hittingSets() {
        for (int i = 0; i < CASES; i++) {
            List<BitSet> targets = sets(8);
            BitSet expected = ALL.stream()
                    .filter(set -> targets.stream().allMatch(set::intersects))
                    .findFirst()
                    .orElseThrow();
            assertThat(HittingSet.smallest(targets)).as("%s", targets).hasValue(expected);
        }
    }

    @Test
    @DisplayName("a search that becomes too long is given up")
    void givenUp() {
        assertThat(HittingSet.smallest(disjoint(8))).hasValueSatisfying(found ->
                assertThat(found.stream()).containsExactly(0, 3, 6, 9, 12, 15, 18, 21));
        assertThat(HittingSet.smallest(disjoint(24))).isEmpty();
    }

    private static List<BitSet> disjoint(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    BitSet three = new BitSet();
                    three.set(3 * i, 3 * i + 3);
                    return three;
                })
                .toList();
    }

    @Test
    @DisplayName("the smallest conflict of a monotone predicate; when work runs out, one without superfluous elements")
    void conflicts() {
        for (int i = 0; i < CASES; i++) {
            List<BitSet> causes = sets(8);
            if (causes.isEmpty()) {
                continue;
            }
            BitSet expected = ALL.stream()
                    .filter(set -> causes.stream().anyMatch(cause -> contains(set, cause)))
                    .findFirst()
                    .orElseThrow();
            Predicate<BitSet> conflicts = set -> causes.stream().anyMatch(cause -> contains(set, cause));
            assertThat(new SmallestConflict(SIZE, conflicts, () -> false).find()).as("%s", causes).isEqualTo(expected);
            assertThat(causes).contains(new SmallestConflict(SIZE, conflicts, () -> true).find());
        }
    }
}
