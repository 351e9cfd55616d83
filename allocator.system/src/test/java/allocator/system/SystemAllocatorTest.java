// SPDX-License-Identifier: Apache-2.0
package allocator.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressRanges;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.ScatteredRam;
import dmabuf.linux.NativeMemory;
import doubles.Claims;
import doubles.CoreDouble;
import doubles.NoLog;
import doubles.RequestDouble;
import doubles.Threads;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is more than {@link ScatteredRam}, which has tests of its own. */
class SystemAllocatorTest {
    private static final long K = 1 << 10;
    private static final long M = 1 << 20;

    private final Claims claims = new Claims();
    private final CoreDouble core = new CoreDouble(claims);
    private final SystemAllocator system = system("0x40000000..0x40ffffff");

    private static SystemAllocator system(String ram) {
        return new SystemAllocator(ScatteredRam.of(AddressRanges.parse(ram)));
    }

    @Test
    void matchesWhoReachesTheRamOrSitsBehindAnIommu() {
        assertThat(system.match(direct(""))).isTrue();
        assertThat(system.match(direct("range=0..0x40000000"))).isTrue();
        assertThat(system.match(direct("range=0..0x3fffffff"))).isFalse();
        DmaPath low = DmaPath.of(DmaConstraints.parse("range=0..0xfff"));
        assertThat(system.match(new Participant("d", low.withIommu("smmu")))).isTrue();
        assertThat(system.describe()).containsExactly(Map.entry("ram", "0x40000000..0x40ffffff"));
    }

    private static Participant direct(String constraints) {
        return new Participant("d", DmaPath.of(DmaConstraints.parse(constraints)));
    }

    @Test
    void scatteredPiecesServeADeviceOfSmallSegments() {
        Allocation storage = core.allocate(
                system, RequestDouble.ofSize(80 * K).direct("maxSegments=6 maxSegmentSize=48K boundary=64K"));
        assertThat(storage.segments()).hasSize(5);
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> core.allocate(
                        system, RequestDouble.ofSize(80 * K).direct("maxSegments=2 maxSegmentSize=48K boundary=64K")))
                .withMessage("80K asked, 16304K of 16M free, but 6 segments where a device takes 2")
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.FRAGMENTED);
    }

    @Test
    void freshMemoryIsZero() {
        NativeMemory linux = new NativeMemory(Map.of("capacity", "64M"), NoLog.LOGGER);
        Allocation storage =
                core.allocate(system, RequestDouble.ofSize(80 * K).memories(size -> linux.memfd(size, "system")));
        try (Arena arena = Arena.ofConfined()) {
            assertThat(storage.memory().view(0, 80 * K, CpuMode.READ, arena).toArray(ValueLayout.JAVA_BYTE))
                    .containsOnly(0);
        }
        core.release(system, storage);
        assertThat(linux.inUse()).isZero();
    }

    @Test
    void filledAndDrainedTheRamIsWholeAgain() {
        Random random = new Random(3);
        for (int round = 0; round < 50; round++) {
            List<Allocation> live = new ArrayList<>();
            try {
                while (true) {
                    live.add(core.allocate(system, RequestDouble.ofSize(1 + random.nextLong(2 * M))));
                }
            } catch (DmaBufException e) {
                assertThat(e.reason()).isIn(Reason.OUT_OF_MEMORY, Reason.FRAGMENTED);
            }
            assertThat(system.statistics().used() + system.statistics().free()).isEqualTo(16 * M);
            Collections.shuffle(live, random);
            live.forEach(gone -> core.release(system, gone));
            assertThat(system.statistics().largestFree()).isEqualTo(16 * M);
        }
        assertThat(claims.isEmpty()).isTrue();
    }

    /** Two allocators over the same RAM, as system and iommu are on a board: only the claims keep them apart. */
    @Test
    void sixteenThreadsOnSharedRamNeverOverlap() throws Exception {
        SystemAllocator other = system("0x40000000..0x40ffffff");
        Threads.race(random -> churn(random, random.nextBoolean() ? system : other));
        assertThat(system.statistics().largestFree()).isEqualTo(16 * M);
        assertThat(other.statistics().largestFree()).isEqualTo(16 * M);
        assertThat(claims.isEmpty()).isTrue();
    }

    private void churn(Random random, SystemAllocator allocator) {
        List<Allocation> mine = new ArrayList<>();
        for (int n = 0; n < 50; n++) {
            if (mine.size() > 4 || (!mine.isEmpty() && random.nextBoolean())) {
                core.release(allocator, mine.removeFirst());
            } else {
                try {
                    mine.add(core.allocate(allocator, RequestDouble.ofSize(1 + random.nextLong(M)).direct("align=8K")));
                } catch (DmaBufException e) {
                    assertThat(e.reason()).isIn(Reason.OUT_OF_MEMORY, Reason.FRAGMENTED);
                }
            }
        }
        mine.forEach(gone -> core.release(allocator, gone));
    }

    @Test
    void segmentsComeInTheOrderOfTheMemory() {
        assertThat(core.allocate(system, RequestDouble.ofSize(M + 4 * K)).segments())
                .containsExactly(new Segment(0x40000000L, M), new Segment(0x40101000L, 4 * K));
    }
}
