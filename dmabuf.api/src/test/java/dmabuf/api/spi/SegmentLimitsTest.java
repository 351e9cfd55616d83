// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.DmaConstraints;
import dmabuf.api.Segment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a table is cut from one piece of memory. */
class SegmentLimitsTest {
    private static final int CASES = 100_000;

    @Test
    @DisplayName("100,000 random cases: as many entries as counted, each within the limits, together the piece")
    void cutAgainstCount() {
        SplittableRandom random = new SplittableRandom(48);
        for (int i = 0; i < CASES; i++) {
            SegmentLimits limits = new SegmentLimits(
                    1L << random.nextInt(6),
                    1L << random.nextInt(6),
                    -1,
                    random.nextBoolean() ? -1 : 1 + random.nextInt(500),
                    random.nextBoolean() ? -1 : 1L << random.nextInt(10));
            if (limits.pieceSize() != 0) {
                long start = random.nextBoolean() ? random.nextInt(1 << 12) : -4096L + random.nextInt(1000);
                verify(limits, new Segment(start & -limits.unit(), 1 + random.nextInt(3000)));
            }
        }
    }

    private static void verify(SegmentLimits limits, Segment piece) {
        List<Segment> entries = limits.cut(piece);
        assertThat((long) entries.size()).as("%s of %s", limits, piece).isEqualTo(limits.count(piece));
        long next = piece.address();
        for (Segment entry : entries) {
            assertThat(entry.address()).isEqualTo(next);
            assertThat(entry.address() & (limits.unit() - 1)).isZero();
            assertThat(Long.compareUnsigned(entry.byteSize(), limits.maxSegmentSize())).isNotPositive();
            if (limits.boundary() != -1) {
                assertThat(Long.divideUnsigned(entry.address(), limits.boundary()))
                        .isEqualTo(Long.divideUnsigned(entry.end() - 1, limits.boundary()));
            }
            next = entry.end();
        }
        assertThat(next).isEqualTo(piece.end());
    }

    @Test
    @DisplayName("the largest numbers: counts are exact, unsigned")
    void largest() {
        SegmentLimits pages = new SegmentLimits(1, 1, -1, 4096, -1);
        assertThat(pages.count(new Segment(0, -1L))).isEqualTo(1L << 52);
        SegmentLimits bytes = new SegmentLimits(1, 1, -1, 1, 1L << 63);
        assertThat(bytes.count(new Segment(1, -1L))).isEqualTo(-1L);
        assertThat(SegmentLimits.NONE.count(new Segment(0, -1L))).isEqualTo(1);
        assertThat(SegmentLimits.NONE.cut(new Segment(1, -1L))).containsExactly(new Segment(1, -1L));
    }

    @Test
    @DisplayName("limits in which no segment fits are refused, not cut for ever")
    void nothingFits() {
        SegmentLimits limits = SegmentLimits.of(DmaConstraints.parse("align=64K maxSegmentSize=4K"));
        assertThat(limits.pieceSize()).isZero();
        assertThatThrownBy(() -> limits.cut(new Segment(0, 4096)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no segment fits within SegmentLimits[alignment=65536");
        assertThatThrownBy(() -> limits.count(new Segment(0, 4096))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("values outside a field's domain are misuse")
    void domains() {
        assertMisuse("alignment=0x0", 0, 1, 1, 1, 1);
        assertMisuse("granule=0x3", 1, 3, 1, 1, 1);
        assertMisuse("maxSegments=0x0", 1, 1, 0, 1, 1);
        assertMisuse("maxSegmentSize=0x0", 1, 1, 1, 0, 1);
        assertMisuse("boundary=0x6", 1, 1, 1, 1, 6);
    }

    private static void assertMisuse(String message, long... values) {
        assertThatThrownBy(() -> new SegmentLimits(values[0], values[1], values[2], values[3], values[4]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message + " is not allowed");
    }
}
