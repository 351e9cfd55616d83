// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorSpec;
import doubles.NoLog;
import doubles.PageSize;
import doubles.RegistryDouble;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IommuSettingsTest {
    @Test
    void domainsAreEnough() {
        assertThat(IommuSettings.of(Map.of("domains", "b,a"), 16384))
                .isEqualTo(new IommuSettings(
                        AllocatorSpec.of("iommu", "iommu", 300),
                        List.of("b", "a"),
                        new DomainShape(16384, AddressRanges.parse("0x100000..0xffffffff"), AddressRange.ALL),
                        AddressRanges.parse("0..0x7fffffff"),
                        IommuSettings.AUTO,
                        AddressRanges.ALL));
    }

    @Test
    void aWrongConfigurationSaysWhatWouldBeRight() {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> IommuSettings.of(Map.of(), 4096))
                .withMessage("domains of allocator iommu is missing");
        invalid("domains", "a,b,a", "each domain has a name and is named once, not so 'a'");
        invalid("domains", "a,,b", "each domain has a name and is named once, not so ''");
        invalid("granule", "5000", "it is not a power of two");
        invalid("granule", "0", "it is not a power of two");
        invalid("outputBits", "0", "an address has 1 to 64 bits");
        invalid("outputBits", "65", "an address has 1 to 64 bits");
        invalid("aperture", "9..1", "range 0x9..0x1 is empty: the first address is above the last");
        invalid("reserved", "0..0xffffffff", "it leaves nothing of 0x100000..0xffffffff");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> IommuSettings.of(Map.of("domain", "a"), 4096))
                .withMessage("unknown key 'domain' of allocator iommu: the keys are aperture, bit, coherent, domains,"
                        + " flags, granule, id, name, outputBits, pool, priority, ram, reserved, secure, source,"
                        + " type");
    }

    private static void invalid(String key, String value, String why) {
        Map<String, Object> configuration = new HashMap<>(Map.of("domains", "a"));
        configuration.put(key, value);
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> IommuSettings.of(configuration, 4096))
                .withMessage(key + "=" + value + " of allocator iommu: " + why)
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INVALID);
    }

    @Test
    void theComponentServesItsDomainsUntilItGoes() {
        RegistryDouble registry = new RegistryDouble();
        IommuMemory component = new IommuMemory(
                registry.context(), new PageSize(4096), null, NoLog.LOGGER, Map.of("domains", new String[] {"gpu"}));
        assertThat(registry.only("Mapper").properties).containsEntry("dmabuf.mapper.domain", "gpu");
        assertThat(registry.only("Allocator").properties)
                .containsEntry("dmabuf.allocator.id", "iommu")
                .containsEntry("dmabuf.allocator.type", "iommu")
                .containsEntry("dmabuf.allocator.priority", 300);
        component.configure(Map.of("domains", new String[] {"gpu", "vpu"}));
        assertThat(registry.services).hasSize(3);
        component.stop();
        assertThat(registry.services).isEmpty();
    }
}
