// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressKnowledge;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.Participant;
import doubles.CoreDouble;
import doubles.MachineDouble;
import doubles.RequestDouble;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pools on machines that have CMA heaps or huge pages. */
class LivePoolTest {
    private static final long M = 1 << 20;
    private static final long HUGE = MachineDouble.HUGE;

    private final CoreDouble core = new CoreDouble();
    private final MachineDouble machine = new MachineDouble();

    private Allocator pool(String... pairs) {
        Map<String, Object> configuration =
                new HashMap<>(Map.of("base", "0x70000000", "size", "64M", "ram", "0..0x7fffffff"));
        for (int i = 0; i < pairs.length; i += 2) {
            configuration.put(pairs[i], pairs[i + 1]);
        }
        return ContigSettings.of(configuration).offer(machine).maker().get().allocator();
    }

    private RequestDouble request(long byteSize, String... constraints) {
        return RequestDouble.ofSize(byteSize).on(machine).direct(constraints);
    }

    /** Huge pages at these places, counted from the first one at 256 MiB. */
    private void hugePages(long... numbers) {
        machine.with("hugepages");
        for (long number : numbers) {
            machine.pages("hugepages", new Segment((256 * M) + number * HUGE, HUGE));
        }
    }

    @Test
    void aCmaHeapPromisesOnePiece() {
        machine.with("heap:linux,cma").with("heap:system").with("hugepages");
        Allocator contig = pool();
        Allocation storage = core.allocate(contig, request(3 * M, "maxSegments=1 range=0..0xffffffff"));
        assertThat(storage.memory().source()).isEqualTo("heap:linux,cma");
        assertThat(storage.knowledge()).isEqualTo(AddressKnowledge.PROMISED);
        assertThat(contig.describe())
                .containsEntry("source not heap:reserved", "heap:reserved is not there: make it")
                .containsEntry("source", "heap:linux,cma")
                .doesNotContainKey("source not heap:default_cma_region");
        core.release(contig, storage);
        assertThat(machine.open).isEmpty();
    }

    @Test
    void whereTheHeapLiesMatters() {
        machine.with("heap:reserved").with("heap:cam");
        Allocator contig = pool();
        refused(
                contig, request(M, "range=0x70000000..0x73ffffff"), Reason.INCOMPATIBLE,
                "heap:reserved: addresses unknown: reachable=0x70000000..0x73ffffff, may lie in 0x0..0x7fffffff (device0);"
                        + " heap:linux,cma: heap:linux,cma is not there: make it; heap:default_cma_region:"
                        + " heap:default_cma_region is not there: make it; hugepages: hugepages is not there: make it");
        Allocator cam = pool("id", "cam", "pool", "cam");
        Allocation storage = core.allocate(cam, request(M, "range=0x70000000..0x73ffffff"));
        assertThat(storage.memory().source()).isEqualTo("heap:cam");
        core.release(cam, storage);
        assertThat(machine.asked).containsExactly("heap:cam " + M);
    }

    @Test
    void aPoolOfItsOwnNeverTakesFromTheDefaultArea() {
        machine.with("heap:reserved").with("hugepages");
        Allocator sram = pool("id", "sram");
        Allocation storage = core.allocate(sram, request(M));
        assertThat(storage.segments()).containsExactly(new Segment(0x7000_0000L, M));
        core.release(sram, storage);
    }

    @Test
    void aHeapThatIsOutOfMemoryPassesOn() {
        machine.with("heap:reserved").failing("heap:reserved", Reason.OUT_OF_MEMORY, "ENOMEM");
        hugePages(4, 5);
        Allocator contig = pool();
        Allocation storage = core.allocate(contig, request(3 * M, "maxSegments=1"));
        assertThat(storage.segments()).containsExactly(new Segment(264 * M, 3 * M));
        assertThat(storage.knowledge()).isEqualTo(AddressKnowledge.PAGEMAP);
        core.release(contig, storage);
    }

    @Test
    void hugePagesAreTakenUntilSomeAreNeighboursInReach() {
        hugePages(2, 0, 9, 7, 8, 1, 20);
        Allocator contig = pool();
        Allocation low = core.allocate(contig, request(5 * M + 1, "maxSegments=1 range=0..0x105fffff"));
        assertThat(low.segments()).containsExactly(new Segment(256 * M, 5 * M + 4096));
        assertThat(machine.open).as("the others went back").containsExactly((MachineDouble.Piece) low.memory());
        Allocation high = core.allocate(contig, request(6 * M, "range=0x10e00000..0xffffffff maxSegments=1"));
        assertThat(high.segments()).containsExactly(new Segment(270 * M, 6 * M));
        assertThat(contig.statistics().used()).isEqualTo(11 * M + 4096);
        core.release(contig, low);
        core.release(contig, high);
        assertThat(machine.open).isEmpty();
    }

    @Test
    void whereNoNeighboursSuitTheFiguresAreTold() {
        hugePages(0, 2, 3, 6);
        Allocator contig = pool("source", "hugepages");
        refused(
                contig, request(6 * M, "maxSegments=1"), Reason.FRAGMENTED,
                "hugepages: 3 huge pages of 2M in a row asked, 4 had, the longest row of them 2, none that suits the devices"
                        + " maxSegments=1");
        refused(
                contig, request(3 * M, "maxSegments=1 range=0..0x105fffff"), Reason.FRAGMENTED,
                "hugepages: 2 huge pages of 2M in a row asked, 4 had, the longest row of them 2, none that suits the devices"
                        + " range=0x0..0x105fffff maxSegments=1");
        refused(
                contig, request(10 * M), Reason.OUT_OF_MEMORY, "hugepages: hugepages has too few pages");
        assertThat(machine.open).isEmpty();
        Allocation row = core.allocate(contig, request(3 * M, "boundary=4M maxSegments=2 align=2M"));
        assertThat(row.segments()).containsExactly(new Segment(260 * M, 3 * M));
        core.release(contig, row);
    }

    @Test
    void withoutTheRightToKnowHugePagesAreForNoDirectDevice() {
        machine.with("hugepages").with("hugepages+udmabuf");
        refused(
                pool("source", "hugepages"), request(3 * M, "range=0..0xffffffff"), Reason.INCOMPATIBLE,
                "hugepages: no addresses without CAP_SYS_ADMIN and /dev/udmabuf, and no dma-buf (device0)");
        assertThat(machine.open).isEmpty();
        Allocator contig = pool("source", "hugepages,hugepages+udmabuf");
        Allocation storage = core.allocate(contig, request(3 * M, "range=0..0xffffffff"));
        assertThat(storage.memory().source()).as("the next one").isEqualTo("hugepages+udmabuf");
        core.release(contig, storage);
        Allocation unattached = core.allocate(contig, request(3 * M));
        assertThat(unattached.memory().source()).isEqualTo("hugepages");
        core.release(contig, unattached);
        assertThat(machine.open).isEmpty();
    }

    @Test
    void withoutTheRightToKnowHugePagesAreLargePieces() {
        machine.with("hugepages+udmabuf");
        Allocator contig = pool("source", "hugepages+udmabuf");
        Allocation storage = core.allocate(contig, request(3 * M, "maxSegments=2 range=0..0xffffffff"));
        assertThat(storage.knowledge()).isEqualTo(AddressKnowledge.UNKNOWN);
        core.release(contig, storage);
        refused(
                contig, request(3 * M, "maxSegments=1"), Reason.FRAGMENTED,
                "hugepages+udmabuf: segments unknown: max=1, may be 2 (device0)");
        assertThat(machine.open).isEmpty();
    }

    @Test
    void aDeviceThatWeMapForGetsNoMemoryOfAHeap() {
        machine.with("heap:reserved");
        hugePages(0);
        Participant engine = new Participant(
                "engine", DmaPath.of(DmaConstraints.NEUTRAL).withIommu("/sys/kernel/iommu_groups/3"));
        Allocator contig = pool();
        Allocation storage = core.allocate(contig, RequestDouble.ofSize(M).on(machine).devices(engine));
        assertThat(storage.memory().source()).isEqualTo("hugepages");
        core.release(contig, storage);
        assertThat(machine.asked).doesNotContain("heap:reserved " + M);
    }

    @Test
    void matchesWhoReachesWhatTheSourcesGive() {
        Participant low = new Participant("low", DmaPath.of(DmaConstraints.parse("range=0..0xfffffff")));
        assertThat(pool().match(low)).as("nothing but the pool is there").isFalse();
        machine.with("heap:reserved");
        assertThat(pool().match(low)).isTrue();
        assertThat(pool("private", "true", "pool", "cam").match(low)).isFalse();
    }

    private void refused(Allocator contig, RequestDouble request, Reason reason, String message) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> core.allocate(contig, request))
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(reason);
    }
}
