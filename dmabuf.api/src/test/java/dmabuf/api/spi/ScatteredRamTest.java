// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import doubles.Claims;
import doubles.CoreDouble;
import doubles.RequestDouble;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ScatteredRamTest {
    private static final long K = 1 << 10;
    private static final long M = 1 << 20;
    private static final long BASE = 0x100000000L;

    private final Claims claims = new Claims();
    private final CoreDouble core = new CoreDouble(claims);
    private final ScatteredRam ram = ScatteredRam.of(AddressRanges.parse("0x100000000..0x13fffffff"));

    @Test
    void largestChunksFirstAndNoTwoAreNeighbours() {
        Allocation storage = core.allocate(ram::allocate, RequestDouble.ofSize(2 * M + 64 * K + 8 * K));
        assertThat(storage.segments())
                .containsExactly(
                        new Segment(BASE, M),
                        new Segment(BASE + 2 * M, M),
                        new Segment(BASE + M + 64 * K, 64 * K),
                        new Segment(BASE + M + 4 * K, 4 * K),
                        new Segment(BASE + M + 12 * K, 4 * K));
        assertThat(ram.statistics())
                .isEqualTo(new AllocatorStatistics(
                        1, 2 * M + 72 * K, 1022 * M - 72 * K, 1021 * M, 2 * M + 72 * K, 0, 0));
    }

    @Test
    void neighboursInTwoWindowsAreNeighboursToo() {
        String windows = "range=0x100000000..0x1000fffff,0x100100000..0x13fffffff";
        assertThat(core.allocate(ram::allocate, RequestDouble.ofSize(2 * M).direct(windows)).segments())
                .containsExactly(new Segment(BASE, M), new Segment(BASE + 2 * M, M));
    }

    @Test
    void aFrameOfThreeMegabytes() {
        assertThat(core.allocate(ram::allocate, RequestDouble.ofSize(3_133_440)).segments()).hasSize(2 + 15 + 13);
    }

    @Test
    void onlyTheFirstChunkHasTheAlignmentOfTheBuffer() {
        core.allocate(ram::allocate, RequestDouble.ofSize(4 * K));
        assertThat(core.allocate(ram::allocate, RequestDouble.ofSize(2 * M).align(4 * M)).segments())
                .containsExactly(new Segment(BASE + 4 * M, M), new Segment(BASE + M, M));
    }

    @Test
    void everyChunkHasTheAlignmentOfTheDevices() {
        assertThat(core.allocate(ram::allocate, RequestDouble.ofSize(72 * K).direct("align=128K")).segments())
                .containsExactly(
                        new Segment(BASE, 64 * K),
                        new Segment(BASE + 128 * K, 4 * K),
                        new Segment(BASE + 256 * K, 4 * K));
    }

    @Test
    void withAGranuleOnlyTheLastPieceIsShort() {
        assertThat(core.allocate(ram::allocate, RequestDouble.ofSize(80 * K).direct("granule=64K")).segments())
                .containsExactly(new Segment(BASE, 64 * K), new Segment(BASE + 128 * K, 16 * K));
        refused(
                () -> core.allocate(ram::allocate, RequestDouble.ofSize(3 * M).direct("granule=2M")),
                Reason.FRAGMENTED,
                "3M asked, 1048496K of 1G free, but only 0 in chunks for the devices granule=2M");
    }

    @Test
    void staysInsideTheRange() {
        assertThat(core.allocate(ram::allocate, RequestDouble.ofSize(M).direct("range=0x100080000..0x1001fffff"))
                        .segments())
                .containsExactly(new Segment(BASE + M, M));
        refused(
                () -> core.allocate(ram::allocate, RequestDouble.ofSize(M).direct("range=0..0xffffffff")),
                Reason.FRAGMENTED,
                "1M asked, 1023M of 1G free, but only 0 in chunks for the devices range=0x0..0xffffffff");
    }

    @Test
    void tooManyChunksForADeviceAreFragmented() {
        refused(
                () -> core.allocate(ram::allocate, RequestDouble.ofSize(80 * K).direct("maxSegments=4")),
                Reason.FRAGMENTED,
                "80K asked, 1G of 1G free, but 5 segments where a device takes 4");
        refused(
                () -> core.allocate(
                        ram::allocate,
                        RequestDouble.ofSize(64 * K).direct("maxSegments=1", "maxSegmentSize=48K maxSegments=1")),
                Reason.FRAGMENTED,
                "64K asked, 1G of 1G free, but 2 segments where a device takes 1");
        refused(
                () -> core.allocate(ram::allocate, RequestDouble.ofSize(4 * K).direct("align=64K boundary=4K")),
                Reason.FRAGMENTED,
                "4K asked, 1G of 1G free, but no segment fits within SegmentLimits[alignment=65536, granule=1,"
                        + " maxSegments=-1, maxSegmentSize=-1, boundary=4096]");
        assertThat(ram.statistics()).isEqualTo(new AllocatorStatistics(0, 0, 1024 * M, 1024 * M, 0, 3, 3));
        assertThat(claims.isEmpty()).isTrue();
    }

    @Test
    void tooLittleIsOutOfMemory() {
        refused(
                () -> core.allocate(ram::allocate, RequestDouble.ofSize(1025 * M)),
                Reason.OUT_OF_MEMORY,
                "1025M asked, 1G of 1G free");
        refused(
                () -> core.allocate(ram::allocate, RequestDouble.ofSize(Long.MAX_VALUE)),
                Reason.OUT_OF_MEMORY,
                "8589934592G asked, 1G of 1G free");
    }

    @Test
    void whatOthersClaimedIsPassedOver() {
        claims.claim(AddressRange.ofSize(BASE + 4 * K, 4 * K));
        assertThat(core.allocate(ram::allocate, RequestDouble.ofSize(64 * K + 4 * K)).segments())
                .containsExactly(new Segment(BASE + 64 * K, 64 * K), new Segment(BASE, 4 * K));
        ScatteredRam other = ScatteredRam.of(ram.addresses());
        assertThat(core.allocate(other::allocate, RequestDouble.ofSize(64 * K)).segments())
                .containsExactly(new Segment(BASE + 128 * K, 64 * K));
    }

    @Test
    void whatOthersHoldIsNotFree() {
        ScatteredRam small = ScatteredRam.of(AddressRanges.parse("0x100000000..0x1000fffff"));
        ScatteredRam shared = ScatteredRam.of(small.addresses());
        core.allocate(small::allocate, RequestDouble.ofSize(512 * K).direct("maxSegmentSize=64K"));
        refused(
                () -> core.allocate(shared::allocate, RequestDouble.ofSize(768 * K)),
                Reason.OUT_OF_MEMORY,
                "768K asked, 1M of 1M free, 452K of it held by other allocators");
        refused(
                () -> core.allocate(shared::allocate, RequestDouble.ofSize(256 * K).direct("maxSegments=3")),
                Reason.FRAGMENTED,
                "256K asked, 1M of 1M free, but 4 segments where a device takes 3");
    }

    @Test
    void whatGotNoMemoryKeepsNoPlace() {
        DmaBufException capped = new DmaBufException(Reason.OUT_OF_MEMORY, "cap");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> core.allocate(
                        ram::allocate,
                        RequestDouble.ofSize(M).memories(size -> {
                            throw capped;
                        })))
                .isSameAs(capped);
        assertThat(ram.statistics()).isEqualTo(new AllocatorStatistics(0, 0, 1024 * M, 1024 * M, M, 1, 0));
        assertThat(claims.isEmpty()).isTrue();
    }

    @Test
    void pagesOf64KAreTheSmallestChunks() {
        assertThat(core.allocate(ram::allocate, RequestDouble.ofSize(M + 1).page(64 * K)).segments())
                .containsExactly(new Segment(BASE, M), new Segment(BASE + M + 64 * K, 64 * K));
    }

    @Test
    void theTopOfTheAddressSpaceIsUsable() {
        ScatteredRam top = ScatteredRam.of(AddressRanges.of(AddressRange.ofSize(-2 * M, 2 * M)));
        assertThat(core.allocate(top::allocate, RequestDouble.ofSize(M)).segments())
                .containsExactly(new Segment(-2 * M, M));
        refused(
                () -> core.allocate(top::allocate, RequestDouble.ofSize(M).direct("range=0..0xfff")),
                Reason.FRAGMENTED,
                "1M asked, 1M of 2M free, but only 0 in chunks for the devices range=0x0..0xfff");
        assertThat(core.allocate(top::allocate, RequestDouble.ofSize(64 * K)).segments())
                .containsExactly(new Segment(-M, 64 * K));
    }

    @Test
    void ramIsNeitherEmptyNorHalfOfEverything() {
        refused(
                () -> ScatteredRam.of(AddressRanges.NONE),
                Reason.INVALID,
                "ram=none must be at least 1 byte and less than 2^63 bytes");
        refused(
                () -> ScatteredRam.of(AddressRanges.parse("0..0x7fffffffffffffff")),
                Reason.INVALID,
                "ram=0x0..0x7fffffffffffffff must be at least 1 byte and less than 2^63 bytes");
    }

    @Test
    void framesComeInTheirOrder() {
        ScatteredRam frames = frames(0, 1, 3, 2);
        Allocation first = core.allocate(frames::allocate, RequestDouble.ofSize(12 * K));
        assertThat(first.segments())
                .containsExactly(
                        new Segment(0, 4 * K), new Segment(4 * K, 4 * K), new Segment(12 * K, 4 * K));
        assertThat(frames.statistics()).isEqualTo(new AllocatorStatistics(1, 12 * K, 4 * K, 4 * K, 12 * K, 0, 0));
        refused(
                () -> core.allocate(frames::allocate, RequestDouble.ofSize(8 * K)),
                Reason.OUT_OF_MEMORY,
                "8K asked, 4K of 16K free");
        core.forget(first);
        frames.release(first);
        assertThat(core.allocate(frames::allocate, RequestDouble.ofSize(8 * K).direct("maxSegments=1")).segments())
                .hasSize(2);
    }

    @Test
    void framesMustSuitTheDevices() {
        refused(
                () -> core.allocate(frames(1, 2)::allocate, RequestDouble.ofSize(8 * K).direct("align=8K")),
                Reason.FRAGMENTED,
                "8K asked, 8K of 8K free, but frames [0x1000+0x2000] are not aligned for the devices: align=8K");
        refused(
                () -> core.allocate(frames(0, 3)::allocate, RequestDouble.ofSize(8 * K).direct("maxSegments=1")),
                Reason.FRAGMENTED,
                "8K asked, 8K of 8K free, but 2 segments where a device takes 1");
        assertThat(core.allocate(frames(0, 9, 1)::allocate, RequestDouble.ofSize(8 * K).direct("range=0..0x1fff"))
                        .segments())
                .containsExactly(new Segment(0, 4 * K), new Segment(4 * K, 4 * K));
    }

    @Test
    void framesThatOthersHoldArePassedOver() {
        claims.claim(AddressRange.ofSize(4 * K, 4 * K));
        ScatteredRam frames = frames(0, 1, 2);
        refused(
                () -> core.allocate(frames::allocate, RequestDouble.ofSize(12 * K)),
                Reason.OUT_OF_MEMORY,
                "12K asked, 12K of 12K free, 4K of it held by other allocators");
        assertThat(core.allocate(frames::allocate, RequestDouble.ofSize(8 * K)).segments())
                .containsExactly(new Segment(0, 4 * K), new Segment(8 * K, 4 * K));
    }

    private static ScatteredRam frames(long... numbers) {
        List<AddressRange> frames = new ArrayList<>();
        for (long number : numbers) {
            frames.add(AddressRange.ofSize(number * 4 * K, 4 * K));
        }
        return ScatteredRam.ofFrames(frames);
    }

    /** Fills and drains small RAM at random; each answer is compared with a search page by page. */
    @Test
    void agreesWithASearchPageByPage() {
        Random random = new Random(11);
        for (int round = 0; round < 20; round++) {
            ScatteredRam small = ScatteredRam.of(AddressRanges.parse("0x40000000..0x4037ffff,0x40390000..0x403fffff"));
            CoreDouble alone = new CoreDouble();
            boolean[] free = new boolean[1024];
            Arrays.fill(free, true);
            Arrays.fill(free, 0x380, 0x390, false);
            List<Allocation> live = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                if (!live.isEmpty() && random.nextInt(3) == 0) {
                    Allocation gone = live.remove(random.nextInt(live.size()));
                    alone.forget(gone);
                    small.release(gone);
                    mark(free, gone.segments(), true);
                } else {
                    RequestDouble request = random(random);
                    List<Segment> expected = PageByPage.search(0x40000000L, free, request);
                    try {
                        Allocation storage = alone.allocate(small::allocate, request);
                        assertThat(storage.segments()).isEqualTo(expected);
                        mark(free, expected, false);
                        live.add(storage);
                    } catch (DmaBufException e) {
                        assertThat(expected).isEmpty();
                        assertThat(e.reason()).isIn(Reason.FRAGMENTED, Reason.OUT_OF_MEMORY);
                    }
                }
            }
            for (Allocation gone : live) {
                small.release(gone);
            }
            assertThat(small.statistics().largestFree()).isEqualTo(0x380 * 4 * K);
            assertThat(small.statistics().free()).isEqualTo((1024 - 16) * 4 * K);
        }
    }

    private static RequestDouble random(Random random) {
        long[] sizes = {4 * K, 12 * K, 64 * K, 100 * K, 300 * K, M, M + 200 * K};
        String[] limits = {"", "align=128K", "granule=64K", "range=0x40100000..0x403fffff", "maxSegments=8", "align=8K",
            "range=0x40000000..0x401fffff,0x40200000..0x403fffff"};
        return RequestDouble.ofSize(sizes[random.nextInt(sizes.length)])
                .align(random.nextInt(4) == 0 ? 512 * K : 1)
                .direct(limits[random.nextInt(limits.length)]);
    }

    private static void mark(boolean[] free, List<Segment> segments, boolean value) {
        for (Segment segment : segments) {
            int first = (int) ((segment.address() - 0x40000000L) / (4 * K));
            Arrays.fill(free, first, first + (int) (segment.byteSize() / (4 * K)), value);
        }
    }

    private static void refused(ThrowingCallable call, Reason reason, String message) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(call)
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(reason);
    }
}
