// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Sets of intervals against sets of single addresses, in a space small enough to list. */
class AddressRangesTest {
    private static final int CASES = 100_000;
    private static final int SPACE = 64;

    private final SplittableRandom random = new SplittableRandom(64);

    /** Spreads a small space over the whole 64 bits, so that the edges of unsigned numbers are in play. */
    private static long spread(int address) {
        return address < SPACE / 2 ? address : address - SPACE;
    }

    private AddressRange interval() {
        int a = random.nextInt(SPACE);
        int b = a + random.nextInt(Math.min(12, SPACE - a));
        return new AddressRange(spread(a), spread(b));
    }

    private AddressRanges ranges() {
        List<AddressRange> disjoint = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            AddressRange drawn = interval();
            if (disjoint.stream().allMatch(other -> other.intersect(drawn).isEmpty())) {
                disjoint.add(drawn);
            }
        }
        return AddressRanges.of(disjoint);
    }

    private static BitSet addresses(AddressRanges ranges) {
        BitSet addresses = new BitSet();
        for (int i = 0; i < SPACE; i++) {
            long address = spread(i);
            addresses.set(i, ranges.intervals().stream().anyMatch(interval -> interval.contains(address)));
        }
        return addresses;
    }

    @Test
    @DisplayName("100,000 random cases: intersection, difference, containment and size")
    void bruteForce() {
        for (int i = 0; i < CASES; i++) {
            AddressRanges a = ranges();
            AddressRanges b = ranges();
            AddressRange hole = interval();
            BitSet common = addresses(a);
            common.and(addresses(b));
            BitSet rest = addresses(a);
            rest.andNot(addresses(AddressRanges.of(hole)));
            check(addresses(a.intersect(b)).equals(common), a, b);
            check(a.intersect(b).equals(b.intersect(a)), a, b);
            check(addresses(a.minus(hole)).equals(rest), a, hole);
            check(a.contains(hole) == a.intervals().stream().anyMatch(part -> part.contains(hole)), a, hole);
            check(a.isEmpty() == addresses(a).isEmpty(), a);
            check(AddressRanges.parse(a.toString()).equals(a), a);
        }
    }

    @Test
    @DisplayName("all intervals together hold exactly their addresses")
    void holds() {
        for (int i = 0; i < CASES / 10; i++) {
            AddressRanges low = ranges().intersect(new AddressRange(0, SPACE / 2 - 1));
            int size = addresses(low).cardinality();
            check(low.holds(size) && !low.holds(size + 1), low, size);
        }
        assertThat(AddressRanges.ALL.holds(-1L)).isTrue();
        AddressRanges halves = AddressRanges.parse("0..0x7fffffffffffffff,0x8000000000000000..0xffffffffffffffff");
        assertThat(halves.holds(-1L)).isTrue();
        assertThat(AddressRanges.NONE.holds(0)).isTrue();
        assertThat(AddressRanges.NONE.holds(1)).isFalse();
    }

    private static void check(boolean holds, Object... about) {
        if (!holds) {
            throw new AssertionError("does not hold for " + List.of(about));
        }
    }

    @Test
    @DisplayName("neighbours stay apart: they may be two windows, which no segment crosses")
    void neighbours() {
        AddressRanges two = AddressRanges.parse("0..0xf,0x10..0x1f");
        assertThat(two.intervals()).hasSize(2);
        assertThat(two.contains(AddressRange.parse("0xf..0x10"))).isFalse();
        assertThat(two.intersect(AddressRange.ALL)).isEqualTo(two);
        assertThat(AddressRanges.ALL.minus(AddressRange.ALL)).isEqualTo(AddressRanges.NONE).hasToString("none");
    }

    @Test
    @DisplayName("what is no range is refused")
    void refused() {
        assertThatThrownBy(() -> AddressRange.ofSize(2, -1L))
                .isInstanceOf(DmaBufException.class)
                .hasMessage("size 18446744073709551615 at 0x2 is no range: it must be at least 1 and end below 2^64");
        assertThatThrownBy(() -> new AddressRange(-1L, 1))
                .isInstanceOf(DmaBufException.class)
                .hasMessage("range 0xffffffffffffffff..0x1 is empty: the first address is above the last");
        assertThatThrownBy(() -> AddressRanges.of(List.of(AddressRange.ALL, new AddressRange(3, 3))))
                .isInstanceOf(DmaBufException.class)
                .hasMessage("ranges 0x0..0xffffffffffffffff and 0x3..0x3 overlap");
        assertThat(AddressRange.ofSize(1, -1L)).isEqualTo(new AddressRange(1, -1L));
    }
}
