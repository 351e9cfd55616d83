// SPDX-License-Identifier: Apache-2.0
package allocator.system;

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
import java.util.Map;
import org.junit.jupiter.api.Test;

/** System memory on machines that have more than memfds. */
class LiveSystemTest {
    private static final long K = 1 << 10;
    private static final long SIZE = 64 * K;
    private static final String RAM = "0x40000000..0x7fffffff";
    private static final String ENGINE_GROUP = "/sys/kernel/iommu_groups/3";

    private final CoreDouble core = new CoreDouble();
    private final MachineDouble machine = new MachineDouble();

    private Allocator system() {
        return system(Map.of("ram", RAM));
    }

    private Allocator system(Map<String, ?> configuration) {
        return SystemSettings.of(configuration, 4096).offer(machine).maker().get().allocator();
    }

    private RequestDouble request() {
        return RequestDouble.ofSize(SIZE).on(machine);
    }

    private static Participant direct(String constraints) {
        return new Participant("cam", DmaPath.of(DmaConstraints.parse(constraints)));
    }

    private static Participant engine() {
        return new Participant("engine", DmaPath.of(DmaConstraints.NEUTRAL).withIommu(ENGINE_GROUP));
    }

    @Test
    void theHeapComesFirstAndItsAddressesAreUnknown() {
        Allocator system = system(Map.of("ram", RAM, "source", "auto"));
        assertThat(system.describe()).containsEntry("source", "memfd, at addresses of the board model");
        machine.with("heap:system").with("udmabuf");
        Allocation storage = core.allocate(system, request().devices(direct("range=0..0xffffffff")));
        assertThat(storage.memory().source()).isEqualTo("heap:system");
        assertThat(storage.knowledge()).isEqualTo(AddressKnowledge.UNKNOWN);
        assertThat(system.describe()).containsExactly(Map.entry("ram", RAM), Map.entry("source", "heap:system"));
        assertThat(system.statistics().live()).isEqualTo(1);
        assertThat(system.statistics().used()).isEqualTo(SIZE);
        assertThat(system.statistics().free()).isEqualTo((1L << 30) - SIZE);
        core.release(system, storage);
        assertThat(machine.open).isEmpty();
        assertThat(system.statistics().used()).isZero();
        assertThat(system.statistics().highWater()).isEqualTo(SIZE);
    }

    @Test
    void whoNeedsToKnowIsRefusedBeforeAnythingIsTaken() {
        machine.with("heap:system");
        Allocator system = system();
        refused(
                system, request().devices(direct("maxSegments=1")), Reason.FRAGMENTED,
                "heap:system: segments unknown: max=1, may be 16 (cam); udmabuf: udmabuf is not there: make it");
        refused(
                system, request().devices(direct("range=0..0x4fffffff")), Reason.INCOMPATIBLE,
                "heap:system: addresses unknown: reachable=0x0..0x4fffffff, may lie in 0x40000000..0x7fffffff (cam);"
                        + " udmabuf: udmabuf is not there: make it");
        refused(
                system, request().align(SIZE), Reason.INCOMPATIBLE,
                "heap:system: the alignment of the first address is unknown: needs=65536, promised=4096; udmabuf: udmabuf is"
                        + " not there: make it; memfd: the alignment of the first address is unknown: needs=65536,"
                        + " promised=4096");
        assertThat(machine.asked).isEmpty();
        assertThat(system.statistics().failed()).isEqualTo(3);
        assertThat(system.statistics().failedByFragmentation()).isEqualTo(1);
    }

    @Test
    void whereTheMachineTellsPagesArePlaced() {
        Segment low = new Segment(0x5000_0000L, 48 * K);
        Segment high = new Segment(0x6000_0000L, 16 * K);
        machine.with("udmabuf").pages("udmabuf", low, high);
        Allocator system = system();
        Allocation storage = core.allocate(system, request().devices(direct("maxSegments=2 range=0..0x6fffffff")));
        assertThat(storage.segments()).containsExactly(low, high);
        assertThat(storage.knowledge()).isEqualTo(AddressKnowledge.PAGEMAP);
        core.release(system, storage);
        refused(
                system, request().devices(direct("maxSegments=1")), Reason.FRAGMENTED,
                "heap:system: heap:system is not there: make it; udmabuf: 2 segments where a device takes 1");
        assertThat(machine.open).as("what did not suit").isEmpty();
    }

    @Test
    void aSourceThatIsOutOfMemoryPassesOn() {
        machine.with("heap:system").with("udmabuf").failing("heap:system", Reason.OUT_OF_MEMORY, "ENOMEM");
        Allocator system = system();
        Allocation storage = core.allocate(system, request());
        assertThat(storage.memory().source()).isEqualTo("udmabuf");
        machine.failing("udmabuf", Reason.OUT_OF_MEMORY, "64M at most");
        refused(
                system, request().devices(direct("")), Reason.OUT_OF_MEMORY,
                "heap:system: ENOMEM; udmabuf: 64M at most");
        core.release(system, storage);
    }

    @Test
    void withoutAnySourceEverythingIsAsOnTheModel() {
        Allocator system = system(Map.of("ram", "0x40000000..0x40ffffff"));
        Allocation storage = core.allocate(system, request().devices(direct("maxSegments=1")));
        assertThat(storage.knowledge()).isEqualTo(AddressKnowledge.MODEL);
        assertThat(storage.segments()).containsExactly(new Segment(0x4000_0000L, SIZE));
        assertThat(system.statistics().free()).isEqualTo((16 << 20) - SIZE);
        refused(
                system, RequestDouble.ofSize(16 << 20).on(machine), Reason.OUT_OF_MEMORY,
                "16M asked, 16320K of 16M free");
        assertThat(system.match(direct("range=0x50000000..0x5fffffff"))).isFalse();
        assertThat(system.describe())
                .containsEntry("source not heap:system", "heap:system is not there: make it")
                .containsEntry("source not udmabuf", "udmabuf is not there: make it");
        core.release(system, storage);
        assertThat(system.statistics().used()).isZero();
    }

    @Test
    void aSourceThatIsDeniedWhenItIsAskedIsNotThere() {
        machine.with("heap:system").failing("heap:system", Reason.ACCESS, "EACCES: add the user to group video");
        Allocator system = system();
        Allocation storage = core.allocate(system, request().devices(direct("")));
        assertThat(storage.knowledge()).isEqualTo(AddressKnowledge.MODEL);
        core.release(system, storage);
    }

    @Test
    void theModelNeverStandsBesideRealAddresses() {
        machine.with("heap:system");
        Allocator system = system();
        core.release(system, core.allocate(system, request()));
        machine.without("heap:system");
        refused(
                system, request().devices(direct("")), Reason.ACCESS,
                "heap:system: heap:system is not there: make it; udmabuf: udmabuf is not there: make it");
        assertThat(system.describe()).containsEntry("source", "none");
        machine.with("udmabuf");
        core.release(system, core.allocate(system, request().devices(direct(""))));
    }

    @Test
    void aDeviceThatWeMapForGetsPagesOfItsOwn() {
        machine.with("heap:system").with("udmabuf");
        Allocator system = system();
        Allocation storage = core.allocate(system, request().devices(direct(""), engine()));
        assertThat(storage.memory().source()).isEqualTo("udmabuf");
        core.release(system, storage);
        machine.without("udmabuf");
        refused(
                system, request().devices(direct(""), engine()), Reason.INCOMPATIBLE,
                "heap:system: the kernel maps no memory of a heap for an IOMMU from user space (engine); udmabuf: udmabuf is"
                        + " not there: make it");
        Allocation own = core.allocate(system, request().devices(engine()));
        assertThat(own.memory().source()).isEqualTo("memfd");
        assertThat(own.knowledge()).isEqualTo(AddressKnowledge.UNKNOWN);
        core.release(system, own);
        assertThat(machine.open).isEmpty();
    }

    @Test
    void otherHeapsMayBeNamed() {
        machine.with("heap:fast-0").with("heap:fast-1").failing("heap:fast-0", Reason.OUT_OF_MEMORY, "ENOMEM");
        Allocator system = system(Map.of("source", "heap:gone*,heap:fast-*"));
        Allocation storage = core.allocate(system, request());
        assertThat(storage.memory().source()).isEqualTo("heap:fast-1");
        assertThat(system.describe()).containsEntry("source", "heap:fast-0");
        core.release(system, storage);
        machine.without("heap:fast-0").without("heap:fast-1");
        refused(system, request(), Reason.ACCESS, "none of its sources is there");
        assertThat(system.describe())
                .containsEntry("source not heap:gone*", "no heap below /dev/dma_heap has such a name");
    }

    @Test
    void whatOthersStillHoldIsShown() {
        machine.with("heap:system").lending("heap:system", 4 * K).lending("heap:cma", K);
        assertThat(system().describe()).containsEntry("lent heap:system", "4K").doesNotContainKey("lent heap:cma");
    }

    private void refused(Allocator system, RequestDouble request, Reason reason, String message) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> core.allocate(system, request))
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(reason);
    }
}
