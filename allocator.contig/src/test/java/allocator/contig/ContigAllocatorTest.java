// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressRange;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.Participant;
import dmabuf.linux.NativeMemory;
import doubles.Claims;
import doubles.CoreDouble;
import doubles.NoLog;
import doubles.RequestDouble;
import doubles.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ContigAllocatorTest {
    private static final long K = 1 << 10;
    private static final long M = 1 << 20;
    private static final long BASE = 0x40000000L;

    private final Claims claims = new Claims();
    private final CoreDouble core = new CoreDouble(claims);
    private final ContigAllocator pool = pool(16 * M);

    private static ContigAllocator pool(long size) {
        return new ContigAllocator(AddressRange.ofSize(BASE, size), Optional.empty(), Placing.LOWEST);
    }

    @Test
    void onePieceAtTheLowestAddress() {
        Allocation first = core.allocate(pool, RequestDouble.ofSize(M + 1).direct("maxSegments=1"));
        Allocation second = core.allocate(pool, RequestDouble.ofSize(5).direct(""));
        assertThat(first.segments()).containsExactly(new Segment(BASE, M + 4 * K));
        assertThat(second.segments()).containsExactly(new Segment(BASE + M + 4 * K, 4 * K));
        assertThat(pool.statistics())
                .isEqualTo(new AllocatorStatistics(
                        2, M + 8 * K, 15 * M - 8 * K, 15 * M - 8 * K, M + 8 * K, 0, 0));
    }

    @Test
    void isPlacedSoThatTwoSegmentsSuffice() {
        Allocation storage = core.allocate(
                pool, RequestDouble.ofSize(80 * K).direct("maxSegments=2 maxSegmentSize=48K boundary=64K"));
        assertThat(storage.segments()).containsExactly(new Segment(BASE + 16 * K, 80 * K));
    }

    @Test
    void takesFewerSegmentsRatherThanALowerAddress() {
        core.allocate(pool, RequestDouble.ofSize(4 * K));
        assertThat(core.allocate(pool, RequestDouble.ofSize(64 * K).direct("boundary=64K")).segments())
                .containsExactly(new Segment(BASE + 64 * K, 64 * K));
    }

    @Test
    void honoursTheAlignmentOfBufferAndDevicesAndTheRange() {
        core.allocate(pool, RequestDouble.ofSize(4 * K));
        assertThat(core.allocate(pool, RequestDouble.ofSize(4 * K).align(M)).segments())
                .containsExactly(new Segment(BASE + M, 4 * K));
        assertThat(core.allocate(pool, RequestDouble.ofSize(4 * K).direct("align=32K", "granule=64K")).segments())
                .containsExactly(new Segment(BASE + 64 * K, 4 * K));
        assertThat(core.allocate(pool, RequestDouble.ofSize(4 * K).direct("range=0x40801000..0x40ffffff")).segments())
                .containsExactly(new Segment(BASE + 8 * M + 4 * K, 4 * K));
        assertThat(core.allocate(pool, RequestDouble.ofSize(1).page(64 * K)).segments())
                .containsExactly(new Segment(BASE + 128 * K, 64 * K));
    }

    @Test
    void noPieceCrossesFromOneWindowToAnother() {
        String windows = "range=0x40000000..0x4000ffff,0x40010000..0x4002ffff";
        assertThat(core.allocate(pool, RequestDouble.ofSize(80 * K).direct(windows)).segments())
                .containsExactly(new Segment(BASE + 64 * K, 80 * K));
    }

    @Test
    void freshMemoryIsZero() {
        NativeMemory linux = new NativeMemory(Map.of("capacity", "64M"), NoLog.LOGGER);
        Allocation storage = core.allocate(
                pool, RequestDouble.ofSize(64 * K).memories(size -> linux.memfd(size, "contig")));
        try (Arena arena = Arena.ofConfined()) {
            Memory memory = storage.memory();
            assertThat(memory.view(0, 64 * K, CpuMode.READ, arena).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
        core.release(pool, storage);
        assertThat(linux.inUse()).isZero();
    }

    @Test
    void tooLittleIsOutOfMemoryAndNoPlaceIsFragmented() {
        List<Allocation> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            all.add(core.allocate(pool, RequestDouble.ofSize(M)));
        }
        refused(RequestDouble.ofSize(1), Reason.OUT_OF_MEMORY, "4K asked, 0 of 16M free");
        core.release(pool, all.get(3));
        core.release(pool, all.get(7));
        refused(
                RequestDouble.ofSize(2 * M).direct("maxSegments=1"),
                Reason.FRAGMENTED,
                "2M asked, 2M of 16M free, but no place in a block of at most 1M suits the devices maxSegments=1");
        refused(RequestDouble.ofSize(3 * M), Reason.OUT_OF_MEMORY, "3M asked, 2M of 16M free");
        refused(RequestDouble.ofSize(Long.MAX_VALUE), Reason.OUT_OF_MEMORY, "8589934592G asked, 2M of 16M free");
        assertThat(pool.statistics())
                .isEqualTo(new AllocatorStatistics(14, 14 * M, 2 * M, M, 16 * M, 4, 1));
    }

    @Test
    void whatOthersClaimedIsPassedOver() {
        claims.claim(AddressRange.ofSize(BASE + 8 * K, 4 * K));
        assertThat(core.allocate(pool, RequestDouble.ofSize(12 * K)).segments())
                .containsExactly(new Segment(BASE + 12 * K, 12 * K));
        assertThat(core.allocate(pool, RequestDouble.ofSize(8 * K)).segments())
                .containsExactly(new Segment(BASE, 8 * K));
        claims.claim(AddressRange.ofSize(BASE + M, 15 * M));
        refused(
                RequestDouble.ofSize(M),
                Reason.FRAGMENTED,
                "1M asked, 16364K of 16M free, but no place in a block of at most 16360K suits the devices");
    }

    @Test
    void whatGotNoMemoryKeepsNoPlace() {
        DmaBufException capped = new DmaBufException(Reason.OUT_OF_MEMORY, "cap");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> core.allocate(
                        pool,
                        RequestDouble.ofSize(M).memories(size -> {
                            throw capped;
                        })))
                .isSameAs(capped);
        assertThat(pool.statistics().free()).isEqualTo(16 * M);
        assertThat(pool.statistics().failed()).isEqualTo(1);
        assertThat(claims.isEmpty()).isTrue();
    }

    @Test
    void matchesWhoReachesThePoolOrSitsBehindAnIommu() {
        assertThat(pool.match(direct(""))).isTrue();
        assertThat(pool.match(direct("range=0..0x40000000"))).isTrue();
        assertThat(pool.match(direct("range=0..0x3fffffff"))).isFalse();
        assertThat(pool.match(direct("range=0x41000000..0xffffffff"))).isFalse();
        DmaConstraints low = DmaConstraints.parse("range=0..0xfff");
        assertThat(pool.match(new Participant("x", DmaPath.of(low).withIommu("smmu")))).isTrue();
    }

    @Test
    void aPrivatePoolServesOnlyWhoNamesIt() {
        ContigAllocator own = new ContigAllocator(AddressRange.ofSize(BASE, M), Optional.of("dsp"), Placing.LOWEST);
        assertThat(own.match(direct(""))).isFalse();
        assertThat(own.match(direct("pools=other"))).isFalse();
        assertThat(own.match(direct("pools=dsp,other"))).isTrue();
        assertThat(own.match(direct("pools=dsp range=0..0xfff"))).isFalse();
        assertThat(own.describe())
                .containsExactly(
                        Map.entry("pool", "0x40000000..0x400fffff"),
                        Map.entry("size", "1M"),
                        Map.entry("private to", "dsp"));
    }

    private static Participant direct(String constraints) {
        return new Participant("d", DmaPath.of(DmaConstraints.parse(constraints)));
    }

    /** Fills and drains a small pool, parts of which others hold; each place is compared with a search of all. */
    @Test
    void agreesWithASearchOfAllPlaces() {
        Random random = new Random(5);
        for (int round = 0; round < 150; round++) {
            ContigAllocator small = pool(256 * K);
            Claims held = new Claims();
            CoreDouble alone = new CoreDouble(held);
            boolean[] free = new boolean[64];
            Arrays.fill(free, true);
            for (int others = random.nextInt(3); others > 0; others--) {
                Segment foreign = new Segment(BASE + random.nextLong(62) * 4 * K, random.nextLong(1, 3) * 4 * K);
                if (held.claim(foreign.range())) {
                    AllPlaces.mark(free, BASE, foreign, false);
                }
            }
            List<Allocation> live = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                if (!live.isEmpty() && random.nextInt(3) == 0) {
                    Allocation gone = live.remove(random.nextInt(live.size()));
                    alone.release(small, gone);
                    AllPlaces.mark(free, BASE, gone.segments().getFirst(), true);
                } else {
                    RequestDouble request = RandomRequests.next(random);
                    Optional<Segment> expected = AllPlaces.best(free, BASE, request);
                    try {
                        Allocation storage = alone.allocate(small, request);
                        assertThat(Optional.of(storage.segments().getFirst())).isEqualTo(expected);
                        AllPlaces.mark(free, BASE, expected.orElseThrow(), false);
                        live.add(storage);
                    } catch (DmaBufException e) {
                        assertThat(expected).isEmpty();
                        boolean enough = small.statistics().free() >= request.storageSize();
                        assertThat(e.reason()).isEqualTo(enough ? Reason.FRAGMENTED : Reason.OUT_OF_MEMORY);
                    }
                }
                assertThat(small.statistics().largestFree()).isGreaterThanOrEqualTo(AllPlaces.largest(free));
            }
            live.forEach(gone -> alone.release(small, gone));
            assertThat(small.statistics().largestFree()).isEqualTo(256 * K);
            assertThat(small.statistics().used()).isZero();
        }
    }

    @Test
    void ofEqualPlacesTheLowestIsTaken() {
        withTwoHoles(pool);
        assertThat(core.allocate(pool, RequestDouble.ofSize(2 * M)).segments()).containsExactly(new Segment(BASE, 2 * M));
    }

    @Test
    void largerFramesKeepTheirRoomWhereThatIsAskedFor() {
        ContigAllocator frames = new ContigAllocator(AddressRange.ofSize(BASE, 16 * M), Optional.empty(), Placing.FRAMES);
        withTwoHoles(frames);
        assertThat(core.allocate(frames, RequestDouble.ofSize(2 * M)).segments())
                .as("not at the bottom, where the next of 6M has its only place")
                .containsExactly(new Segment(BASE + 7 * M, 2 * M));
        assertThat(core.allocate(frames, RequestDouble.ofSize(6 * M)).segments())
                .containsExactly(new Segment(BASE, 6 * M));
    }

    private void withTwoHoles(ContigAllocator holed) {
        List<Allocation> all = new ArrayList<>();
        for (long size : List.of(6 * M, M, 5 * M, M, 3 * M)) {
            all.add(core.allocate(holed, RequestDouble.ofSize(size).direct("maxSegments=1 range=0..0xffffffff")));
        }
        core.release(holed, all.get(0));
        core.release(holed, all.get(2));
    }

    @Test
    void aThousandTimesFilledAndDrainedThePoolIsWholeAgain() {
        Random random = new Random(6);
        for (int round = 0; round < 1_000; round++) {
            List<Allocation> live = new ArrayList<>();
            try {
                while (true) {
                    live.add(core.allocate(pool, RequestDouble.ofSize(1 + random.nextLong(4 * M))));
                }
            } catch (DmaBufException e) {
                assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
            }
            Collections.shuffle(live, random);
            live.forEach(gone -> core.release(pool, gone));
            assertThat(pool.statistics().largestFree()).isEqualTo(16 * M);
        }
    }

    @Test
    void sixteenThreadsNeverOverlap() throws Exception {
        Threads.race(this::churn);
        assertThat(pool.statistics().live()).isZero();
        assertThat(pool.statistics().largestFree()).isEqualTo(16 * M);
        assertThat(claims.isEmpty()).isTrue();
    }

    private void churn(Random random) {
        List<Allocation> mine = new ArrayList<>();
        for (int n = 0; n < 500; n++) {
            if (mine.size() > 4 || (!mine.isEmpty() && random.nextBoolean())) {
                core.release(pool, mine.removeFirst());
            } else {
                try {
                    mine.add(core.allocate(pool, RequestDouble.ofSize(1 + random.nextLong(M)).direct("boundary=64K")));
                } catch (DmaBufException e) {
                    assertThat(e.reason()).isIn(Reason.OUT_OF_MEMORY, Reason.FRAGMENTED);
                }
            }
        }
        mine.forEach(gone -> core.release(pool, gone));
    }

    private void refused(RequestDouble request, Reason reason, String message) {
        ThrowingCallable call = () -> core.allocate(pool, request);
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(call)
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(reason);
    }
}
