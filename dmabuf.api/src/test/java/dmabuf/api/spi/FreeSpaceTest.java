// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FreeSpaceTest {
    private static final int SIZE = 64;

    /** At the bottom, across the sign, and at the very top of 64 bits. */
    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 31, -SIZE})
    void agreesWithOneBitForEachAddress(long base) {
        Random random = new Random(base);
        FreeSpace space = FreeSpace.of(AddressRanges.of(AddressRange.ofSize(base, SIZE)));
        BitSet free = new BitSet(SIZE);
        free.set(0, SIZE);
        for (int i = 0; i < 50_000; i++) {
            int first = random.nextInt(SIZE);
            int last = first + random.nextInt(Math.min(8, SIZE - first));
            AddressRange range = new AddressRange(base + first, base + last);
            boolean all = free.get(first, last + 1).cardinality() == last - first + 1;
            assertThat(space.isFree(range)).isEqualTo(all);
            if (all) {
                space.take(range);
                free.clear(first, last + 1);
            } else if (free.get(first, last + 1).isEmpty()) {
                space.give(range);
                free.set(first, last + 1);
            }
            compare(space, free, base, first);
        }
    }

    private static void compare(FreeSpace space, BitSet free, long base, int from) {
        assertThat(space.byteSize()).isEqualTo(free.cardinality());
        assertThat(space.holds(free.cardinality())).isTrue();
        assertThat(space.holds(free.cardinality() + 1)).isFalse();
        long largest = 0;
        for (int start = free.nextSetBit(0); start >= 0; start = free.nextSetBit(free.nextClearBit(start))) {
            largest = Math.max(largest, free.nextClearBit(start) - start);
        }
        assertThat(space.largest()).isEqualTo(largest);
        int next = free.nextSetBit(from);
        if (next < 0) {
            assertThat(space.next(base + from)).isEmpty();
        } else {
            assertThat(space.next(base + from))
                    .contains(new AddressRange(base + next, base + free.nextClearBit(next) - 1));
        }
    }

    @Test
    void showsItsBlocksInsideIntervals() {
        FreeSpace space = FreeSpace.of(AddressRanges.parse("0x1000..0x1fff,0x4000..0x7fff"));
        space.take(AddressRange.parse("0x5000..0x5fff"));
        assertThat(space.within(AddressRanges.ALL))
                .extracting(AddressRange::toString)
                .containsExactly("0x1000..0x1fff", "0x4000..0x4fff", "0x6000..0x7fff");
        assertThat(space.within(AddressRanges.parse("0x1800..0x63ff,0x6400..0xffffffffffffffff")))
                .extracting(AddressRange::toString)
                .containsExactly("0x1800..0x1fff", "0x4000..0x4fff", "0x6000..0x63ff", "0x6400..0x7fff");
        assertThat(space).hasToString("[0x1000..0x1fff, 0x4000..0x4fff, 0x6000..0x7fff]");
    }

    @Test
    void neighboursBecomeOne() {
        assertThat(FreeSpace.of(AddressRanges.parse("0..0xfff,0x1000..0x1fff")).largest()).isEqualTo(0x2000);
    }

    @Test
    void allAddressesAreTwoToTheSixtyFour() {
        FreeSpace space = FreeSpace.of(AddressRanges.ALL);
        assertThat(space.holds(-1L)).isTrue();
        space.take(new AddressRange(-1L, -1L));
        assertThat(space.byteSize()).isEqualTo(-1L);
        space.take(new AddressRange(0, -2L));
        assertThat(space.holds(1)).isFalse();
        assertThat(space.largest()).isZero();
    }

    @Test
    void whatIsNotFreeCannotBeTakenNorWhatIsFreeGiven() {
        FreeSpace space = FreeSpace.of(AddressRanges.parse("0x1000..0x1fff"));
        assertThatIllegalStateException()
                .isThrownBy(() -> space.take(AddressRange.parse("0x1800..0x2000")))
                .withMessage("0x1800..0x2000 is not free");
        assertThatIllegalStateException()
                .isThrownBy(() -> space.give(AddressRange.parse("0x0..0x1000")))
                .withMessage("0x0..0x1000 is partly free already");
        assertThat(space.byteSize()).isEqualTo(0x1000);
    }
}
