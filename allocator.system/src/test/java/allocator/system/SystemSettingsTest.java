// SPDX-License-Identifier: Apache-2.0
package allocator.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.SourceOrder;
import doubles.NoLog;
import doubles.PageSize;
import doubles.RegistryDouble;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SystemSettingsTest {
    @Test
    void nothingIsTwoGigabytesFromZero() {
        assertThat(SystemSettings.of(Map.of(), 4096))
                .isEqualTo(new SystemSettings(
                        AllocatorSpec.of("system", "system", 200),
                        AddressRanges.parse("0..0x7fffffff"),
                        List.of(),
                        SystemSettings.AUTO,
                        AddressRanges.ALL));
    }

    @Test
    void reservedIsTakenOutOfRam() {
        Map<String, Object> configuration =
                Map.of("ram", "0x40000000..0x4fffffff,0x80000000..0x8fffffff", "reserved", "0x48000000..0x80000fff");
        assertThat(SystemSettings.of(configuration, 4096).ram())
                .isEqualTo(AddressRanges.parse("0x40000000..0x47ffffff,0x80001000..0x8fffffff"));
    }

    @Test
    void framesAreOfTheMachinesPages() {
        assertThat(SystemSettings.of(Map.of("frames", "3,0x10,1"), 65536).frames())
                .containsExactly(
                        AddressRange.parse("0x30000..0x3ffff"),
                        AddressRange.parse("0x100000..0x10ffff"),
                        AddressRange.parse("0x10000..0x1ffff"));
    }

    @Test
    void sourcesAreTakenInTheirOrderAndFramesAreOfTheModel() {
        assertThat(SystemSettings.of(Map.of("source", "heap:*fast*,memfd"), 4096).order())
                .isEqualTo(new SourceOrder(List.of("heap:*fast*"), true));
        assertThat(SystemSettings.of(Map.of("source", "auto"), 4096).order()).isEqualTo(SystemSettings.AUTO);
        assertThat(SystemSettings.of(Map.of("frames", "1,2"), 4096).order()).isEqualTo(SourceOrder.MODEL);
        invalid(
                Map.of("frames", "1,2", "source", "udmabuf"),
                "source=udmabuf of allocator system: frames are of the board model: leave them or this out");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> new SystemFactory().create(Map.of("source", "auto"), new PageSize(4096)))
                .withMessage("source=auto of allocator system: a sandbox has the memory of the board model alone: leave it"
                        + " out, or write model");
    }

    @Test
    void aWrongConfigurationSaysWhatWouldBeRight() {
        invalid(
                Map.of("ram", "all"),
                "ram=all of allocator system: 'all' is not a range: write lo..hi, both inclusive");
        invalid(
                Map.of("ram", "0..0xffff", "reserved", "0..0xfffff"),
                "reserved=0..0xfffff of allocator system: it leaves nothing of 0x0..0xffff");
        invalid(
                Map.of("frames", "0,1,0"),
                "frames=0,1,0 of allocator system: ranges 0x0..0xfff and 0x0..0xfff overlap");
        invalid(
                Map.of("frames", "0x10000000000000"),
                "frames=0x10000000000000 of allocator system: size 4096 at 0xffffffffffffffff is no range: it must be"
                        + " at least 1 and end below 2^64");
        invalid(
                Map.of("frames", "one"),
                "frames=one of allocator system: 'one' is not a number: write decimal, 0x or 0b, with K, M or G for a"
                        + " size");
        invalid(
                Map.of("base", "0"),
                "unknown key 'base' of allocator system: the keys are bit, coherent, flags, frames, id, name, pool,"
                        + " priority, ram, reserved, secure, source, type");
    }

    @Test
    void theFactoryMakesWhatIsConfigured() {
        SystemFactory factory = new SystemFactory();
        AllocatorFactory.Product all = factory.create(Map.of("ram", "0..0xfffff"), new PageSize(4096));
        assertThat(all.allocator().statistics().free()).isEqualTo(1 << 20);
        assertThat(all.mappers()).isEmpty();
        AllocatorFactory.Product frames = factory.create(Map.of("frames", "0,1,3"), new PageSize(4096));
        assertThat(frames.allocator().statistics().free()).isEqualTo(3 * 4096);
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> factory.create(Map.of("ram", "0..0x7fffffffffffffff"), new PageSize(4096)))
                .withMessage("ram=0x0..0x7fffffffffffffff must be at least 1 byte and less than 2^63 bytes");
    }

    @Test
    void theComponentIsAServiceUntilItGoes() {
        RegistryDouble registry = new RegistryDouble();
        SystemMemory component =
                new SystemMemory(registry.context(), new PageSize(4096), NoLog.LOGGER, Map.of());
        component.configure(Map.of("priority", 1));
        component.configure(Map.of("priority", 1, "ram", "0..0xfffff"));
        assertThat(registry.only("Allocator").properties)
                .containsEntry("dmabuf.allocator.id", "system")
                .containsEntry("dmabuf.allocator.priority", 1);
        component.stop();
        assertThat(registry.events)
                .containsExactly(
                        "registered Allocator", "changed Allocator", "unregistered Allocator", "registered Allocator",
                        "unregistered Allocator");
    }

    private static void invalid(Map<String, ?> configuration, String message) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> SystemSettings.of(configuration, 4096))
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INVALID);
    }
}
