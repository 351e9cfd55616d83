// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

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
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorPublisher;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.MappingRequest;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.Participant;
import doubles.CoreDouble;
import doubles.MachineDouble;
import doubles.NoLog;
import doubles.RegistryDouble;
import doubles.RequestDouble;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Groups of a machine that has an IOMMU, beside a domain of a device tree. */
class GroupMapperTest {
    private static final long K = 1 << 10;
    private static final String GROUP = "/sys/kernel/iommu_groups/3";
    private static final String DENIED = "/sys/kernel/iommu_groups/9";
    private static final Map<String, Object> CONFIGURATION =
            Map.of("domains", List.of(GROUP, DENIED, "smmu"), "ram", "0x40000000..0x40ffffff");

    private final MachineDouble machine = new MachineDouble();
    private final SpacesDouble spaces = new SpacesDouble();
    private final AllocatorFactory.Product product = product(Optional.of(spaces));
    private final Mapper mapper = product.mappers().getFirst();

    private AllocatorFactory.Product product(Optional<SpacesDouble> service) {
        return IommuSettings.of(CONFIGURATION, 4096).offer(machine, service.map(found -> found)).maker().get();
    }

    private static Participant behind(String domain, String constraints) {
        return new Participant("edu", DmaPath.of(DmaConstraints.parse(constraints)).withIommu(domain));
    }

    private MappingRequest request(String domain, String constraints, long byteSize) {
        Memory memory = machine.memfd(byteSize, "frame");
        return new MappingRequest(behind(domain, constraints), List.of(), memory, byteSize);
    }

    @Test
    void memoryIsMappedBelowTheDevicesOwnLimitsWithAGuardBehindIt() {
        Segment first = mapper.map(request(GROUP, "range=0..0xfffffff", 8 * K));
        Segment second = mapper.map(request(GROUP, "range=0..0xfffffff", 4 * K));
        assertThat(first).isEqualTo(new Segment(0x10_0000, 8 * K));
        assertThat(second).isEqualTo(new Segment(0x10_3000, 4 * K));
        assertThat(spaces.mapped.get("3"))
                .containsExactly(Map.entry(0x10_0000L, "memfd 0+8192"), Map.entry(0x10_3000L, "memfd 0+4096"));
        assertThat(mapper.translate(0x10_0000)).isEmpty();
        mapper.unmap(first);
        mapper.unmap(first);
        mapper.unmap(second);
        assertThat(spaces.mapped.get("3")).isEmpty();
        assertThat(mapper.map(request(GROUP, "", 4 * K))).isEqualTo(new Segment(0x10_0000, 4 * K));
    }

    @Test
    void theKernelsHolesAreNotHandedOut() {
        assertThat(mapper.aperture()).hasToString("0x100000..0xfedfffff,0xfef00000..0xffffffff");
        assertThat(mapper.map(request(GROUP, "range=0xfedff000..0xfef00fff", 4 * K)).address()).isEqualTo(0xfedff000L);
        assertThat(mapper.map(request(GROUP, "range=0xfedff000..0xfef00fff", 4 * K)).address()).isEqualTo(0xfef00000L);
        assertThat(mapper.mapsHeapMemory()).isFalse();
    }

    @Test
    void whatTheKernelRefusesLeavesNothing() {
        spaces.failure = "ENOMEM: ulimit -l";
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> mapper.map(request(GROUP, "", 4 * K)))
                .withMessage("ENOMEM: ulimit -l");
        spaces.failure = "";
        assertThat(mapper.map(request(GROUP, "", 4 * K)).address()).isEqualTo(0x10_0000);
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> mapper.map(request("smmu", "", 4 * K)))
                .withMessage("edu is not behind domain " + GROUP);
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> mapper.map(behind(GROUP, ""), List.of(new Segment(0, 4 * K))))
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INVALID);
    }

    @Test
    void anotherMapperTakesOverAndUnmaps() {
        RegistryDouble registry = new RegistryDouble();
        IommuMemory component = new IommuMemory(registry.context(), machine, spaces, NoLog.LOGGER, CONFIGURATION);
        Segment piece = mapperOf(registry).map(request(GROUP, "", 4 * K));
        assertThat(spaces.open).containsExactly("3", "3");
        component.configure(Map.of("domains", GROUP, "priority", 5));
        Mapper next = mapperOf(registry);
        assertThat(next.adopt(behind(GROUP, ""), List.of(), piece)).isTrue();
        assertThat(next.map(request(GROUP, "", 4 * K)).address()).isEqualTo(0x10_2000);
        next.unmap(piece);
        assertThat(spaces.mapped.get("3")).containsOnlyKeys(0x10_2000L);
        component.stop();
        assertThat(spaces.open).as("but for that of this test").containsExactly("3");
    }

    /** What was let go of while nobody mapped for the group stays mapped in the kernel until its memory goes. */
    @Test
    void placesThatTheKernelHasStillAreLeftOut() {
        Segment left = mapper.map(request(GROUP, "", 4 * K));
        Mapper next = product(Optional.of(spaces)).mappers().getFirst();
        Segment second = next.map(request(GROUP, "", 8 * K));
        assertThat(second).isEqualTo(new Segment(0x10_3000, 8 * K));
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> next.map(request(GROUP, "range=0x100000..0x100fff", 4 * K)))
                .withMessageStartingWith("no room for 4K and a guard");
        spaces.mapped.get("3").remove(left.address());
        assertThat(next.map(request(GROUP, "", 4 * K)).address()).isEqualTo(0x10_0000);
        next.unmap(second);
        assertThat(spaces.mapped.get("3")).containsOnlyKeys(0x10_0000L);
    }

    @Test
    void aKernelThatRefusesEveryPlaceIsBelieved() {
        spaces.reason = Reason.INVALID;
        spaces.failure = "EINVAL: not in the ranges that the IOMMU offers";
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> mapper.map(request(GROUP, "", 4 * K)))
                .withMessage(spaces.failure);
        spaces.failure = "";
        assertThat(mapper.map(request(GROUP, "", 4 * K)).address()).isEqualTo(0x10_0000);
    }

    @Test
    void whatIsRefusedOpensNoGroup() {
        Map<String, Object> endless = Map.of("domains", GROUP, "ram", "0..0xffffffffffffffff");
        AllocatorPublisher.Offer offer = IommuSettings.of(endless, 4096).offer(machine, Optional.of(spaces));
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> offer.maker().get())
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INVALID);
        assertThat(spaces.open).as("but for that of this test").containsExactly("3");
    }

    private static Mapper mapperOf(RegistryDouble registry) {
        return registry.services.stream()
                .filter(service -> service.type.equals("Mapper") && service.properties.containsValue(GROUP))
                .map(service -> (Mapper) service.object)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aGroupThatCannotBeOpenedHasNoMapperAndSaysWhatToDo() {
        assertThat(product.mappers()).extracting(Mapper::domain).containsExactly(GROUP, "smmu");
        assertThat(product.mappers()).extracting(Mapper::mapsHeapMemory).containsExactly(false, true);
        assertThat(product.allocator().describe())
                .containsEntry("source of " + GROUP, "vfio-type1")
                .containsEntry("source of " + DENIED, "none")
                .containsEntry(
                        "source of " + DENIED + " not iommufd or vfio-type1",
                        "/dev/vfio/9: EACCES, owned root:root 0600: add a udev rule; then restart the bundle allocator.iommu");
        AllocatorFactory.Product without = product(Optional.empty());
        assertThat(without.mappers()).extracting(Mapper::domain).containsExactly("smmu");
        assertThat(without.allocator().describe())
                .containsEntry("source of " + GROUP, "none")
                .containsEntry(
                        "source of " + GROUP + " not iommufd or vfio-type1",
                        "no service for IOMMU groups is present: start dmabuf.linux");
    }

    /** Real storage is offered to devices behind a group; addresses that nothing mapped are not. */
    @Test
    void aGroupWithoutMapperIsStillOfItsAllocator() {
        assertThat(product.allocator().match(behind(DENIED, ""))).as("so that the refusal names the mapper").isTrue();
    }

    @Test
    void memoryForAGroupHasPagesOfItsOwn() {
        machine.with("heap:system");
        CoreDouble core = new CoreDouble();
        Allocator iommu = product.allocator();
        Allocation storage = core.allocate(iommu, RequestDouble.ofSize(8 * K).on(machine).devices(behind(GROUP, "")));
        assertThat(storage.memory().source()).isEqualTo("memfd");
        assertThat(storage.knowledge()).isEqualTo(AddressKnowledge.UNKNOWN);
        machine.with("udmabuf");
        Allocation better = core.allocate(iommu, RequestDouble.ofSize(8 * K).on(machine).devices(behind(GROUP, "")));
        assertThat(better.memory().source()).isEqualTo("udmabuf");
        Allocation tree = core.allocate(iommu, RequestDouble.ofSize(8 * K).on(machine).devices(behind("smmu", "")));
        assertThat(tree.memory().source()).as("a driver of the kernel maps it").isEqualTo("heap:system");
        Segment modelled = product.mappers().getLast()
                .map(new MappingRequest(behind("smmu", ""), List.of(), tree.memory(), 8 * K));
        assertThat(product.mappers().getLast().translate(modelled.address())).isEmpty();
    }
}
