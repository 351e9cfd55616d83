// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a promise leaves open counts against it. */
class PlacementPromiseTest {
    private static final long PAGE = 4096;
    private static final long MIB = 1 << 20;
    private static final AddressRanges RAM = AddressRanges.parse("0x40000000..0x7fffffff");
    private static final PlacementPromise PAGES = new PlacementPromise(PAGE, PAGE, RAM);
    private static final PlacementPromise ONE_MIB = new PlacementPromise(MIB, PAGE, RAM);

    private static Participant device(String constraints) {
        return new Participant("cam", DmaPath.of(DmaConstraints.parse(constraints)));
    }

    @Test
    void whoTakesAnythingInReachIsSuited() {
        assertThat(PAGES.unsuited(device(""), MIB)).isEmpty();
        assertThat(PAGES.unsuited(device("range=0x40000000..0x7fffffff maxSegments=256"), MIB)).isEmpty();
        assertThat(ONE_MIB.unsuited(device("maxSegments=1"), MIB)).isEmpty();
        assertThat(ONE_MIB.unsuited(device("align=4K"), MIB)).as("just what is promised").isEmpty();
    }

    @Test
    void aComplaintNamesItsValues() {
        assertThat(PAGES.unsuited(device("maxSegments=1"), MIB)).contains("segments unknown: max=1, may be 256 (cam)");
        assertThat(ONE_MIB.unsuited(device("range=0x40000000..0x4fffffff"), MIB))
                .contains("addresses unknown: reachable=0x40000000..0x4fffffff, may lie in 0x40000000..0x7fffffff (cam)");
        assertThat(ONE_MIB.unsuited(device("align=64K"), MIB))
                .contains("alignment unknown: needs=0x10000, promised=0x1000 (cam)");
    }

    @Test
    void aPieceMayCrossAnyBoundaryUnlessItIsAligned() {
        assertThat(ONE_MIB.unsuited(device("boundary=1M maxSegments=1"), MIB)).isNotEmpty();
        assertThat(ONE_MIB.unsuited(device("boundary=1M maxSegments=2"), MIB)).isEmpty();
        assertThat(PAGES.unsuited(device("boundary=64K maxSegments=256"), MIB)).isEmpty();
        PlacementPromise aligned = new PlacementPromise(MIB, MIB, RAM);
        assertThat(aligned.unsuited(device("boundary=1M maxSegments=1"), MIB)).isEmpty();
    }

    @Test
    void noPlaceIsTheEmptyOne() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PlacementPromise(PAGE, 3, RAM))
                .withMessageContaining("alignment=0x3");
        assertThatIllegalArgumentException().isThrownBy(() -> new PlacementPromise(0, PAGE, RAM));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PlacementPromise(PAGE, PAGE, AddressRanges.parse("none")));
    }

    /** Whatever is not refused has a table within its limits, wherever the pieces lie. */
    @Test
    void whatIsSuitedFitsWhereverItLies() {
        Random random = new Random(42);
        int suited = 0;
        for (int round = 0; round < 20_000; round++) {
            long piece = PAGE * (1 + random.nextInt(16));
            long alignment = PAGE << random.nextInt(3);
            PlacementPromise promise = new PlacementPromise(piece, alignment, RAM);
            long size = PAGE * (1 + random.nextInt(64));
            SegmentLimits limits = new SegmentLimits(
                    1L << random.nextInt(15), 1, 1 + random.nextInt(40), PAGE * (1 + random.nextInt(16)),
                    random.nextBoolean() ? -1L : PAGE << random.nextInt(6));
            Optional<String> complaint = promise.unsuited(device(words(limits)), size);
            if (complaint.isEmpty()) {
                suited++;
                long entries = pieces(promise, size, random).stream().mapToLong(limits::count).sum();
                assertThat(entries).as("%s in %s", size, promise).isLessThanOrEqualTo(limits.maxSegments());
            }
        }
        assertThat(suited).isGreaterThan(1_000);
    }

    private static String words(SegmentLimits limits) {
        return "align=" + limits.alignment() + " maxSegments=" + limits.maxSegments() + " maxSegmentSize="
                + limits.maxSegmentSize() + (limits.boundary() == -1L ? "" : " boundary=" + limits.boundary());
    }

    private static List<Segment> pieces(PlacementPromise promise, long size, Random random) {
        List<Segment> pieces = new ArrayList<>();
        for (long left = size; left > 0; left -= promise.pieceSize()) {
            long steps = (0x4000_0000L - promise.pieceSize()) / promise.alignment();
            long address = 0x4000_0000L + promise.alignment() * random.nextLong(steps);
            pieces.add(new Segment(address, Math.min(left, promise.pieceSize())));
        }
        return pieces;
    }
}
