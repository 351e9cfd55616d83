// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressKnowledge;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Reason;
import doubles.MachineDouble;
import doubles.RequestDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of which nobody here knows where they lie. */
class ScatteredPagesTest {
    private final MachineDouble machine = new MachineDouble().with("udmabuf").with("hugepages").with("hugepages+udmabuf");
    private final ScatteredPages pages = new ScatteredPages(machine, AddressRanges.ALL);

    private RequestDouble request() {
        return RequestDouble.ofSize(MachineDouble.HUGE).on(machine);
    }

    @ParameterizedTest
    @ValueSource(strings = {"memfd", "hugepages"})
    void whatNobodyCanImportIsForNoDirectDevice(String source) {
        RequestDouble request = request().direct("range=0..0xffffffffffffffff");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> pages.take(MemorySource.parse(source), request))
                .withMessage("no addresses without CAP_SYS_ADMIN and /dev/udmabuf, and no dma-buf (device0)")
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INCOMPATIBLE);
        assertThat(machine.open).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"udmabuf", "hugepages+udmabuf"})
    void aDmaBufIsImportedWhereverItLies(String source) {
        RequestDouble request = RequestDouble.ofSize(2 * MachineDouble.HUGE).on(machine).direct("");
        Allocation storage = pages.take(MemorySource.parse(source), request);
        assertThat(storage.knowledge()).isEqualTo(AddressKnowledge.UNKNOWN);
        storage.memory().close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"udmabuf", "hugepages+udmabuf"})
    void whatMayLieWhereADeviceDoesNotReachIsGivenBack(String source) {
        RequestDouble request = request().direct("range=0..0xffffffff");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> pages.take(MemorySource.parse(source), request))
                .withMessageStartingWith("addresses unknown: reachable=0x0..0xffffffff")
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INCOMPATIBLE);
        assertThat(machine.open).isEmpty();
    }

    @Test
    void aHeapIsNotAskedForWhatMayNotSuit() {
        machine.with("heap:system");
        RequestDouble request = request().direct("maxSegments=1");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> pages.take(MemorySource.heap("system"), request))
                .withMessage("segments unknown: max=1, may be 512 (device0)")
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.FRAGMENTED);
        assertThat(machine.asked).isEmpty();
    }

    @Test
    void aSmallBufferTakesAWholeHugePage() {
        RequestDouble request = RequestDouble.ofSize(1).on(machine).direct("");
        pages.take(MemorySource.HUGE_UDMABUF, request).memory().close();
        assertThat(machine.asked).containsExactly("hugepages+udmabuf 2097152");
    }

    @Test
    void aHeapIsNotAskedForADeviceThatWeMapFor() {
        machine.with("heap:system");
        Participant engine = new Participant(
                "engine", DmaPath.of(DmaConstraints.NEUTRAL).withIommu("/sys/kernel/iommu_groups/3"));
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> pages.take(MemorySource.heap("system"), request().devices(engine)))
                .withMessage("the kernel maps no memory of a heap for an IOMMU from user space (engine)");
        assertThat(machine.asked).isEmpty();
    }

    @Test
    void behindAnIommuAnyPagesWillDo() {
        Participant engine = new Participant(
                "engine", DmaPath.of(DmaConstraints.NEUTRAL).withIommu("/sys/kernel/iommu_groups/3"));
        Allocation storage = pages.take(MemorySource.MEMFD, request().devices(engine));
        assertThat(storage.memory().source()).isEqualTo("memfd");
        storage.memory().close();
    }
}
