// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class AllocatorSettingsTest {
    private static final AddressRanges FALLBACK = AddressRanges.parse("0..0xfff");

    private static AllocatorSettings of(Map<String, ?> configuration) {
        Set<String> keys = Set.of("size", "ram", "reserved", "domains", "open");
        return AllocatorSettings.of(AllocatorSpec.of("bank", "bank", 7), keys, configuration);
    }

    @Test
    void nothingGivesTheDefaults() {
        AllocatorSettings settings = of(Map.of());
        assertThat(settings.spec()).isEqualTo(AllocatorSpec.of("bank", "bank", 7));
        assertThat(settings.number("size")).isEmpty();
        assertThat(settings.ranges("ram")).isEmpty();
        assertThat(settings.withoutReserved(FALLBACK)).isEqualTo(FALLBACK);
        assertThat(settings.names("domains")).isEmpty();
        assertThat(settings.flag("open")).isFalse();
    }

    @Test
    void readsTheCommonKeys() {
        AllocatorSpec spec = of(Map.of(
                        "id", " b1 ", "name", "first bank", "type", "bank", "priority", "-3", "pool", "sram",
                        "bit", 0x3L, "secure", true, "coherent", "true", "flags", "HUGE,TINY"))
                .spec();
        assertThat(spec)
                .isEqualTo(new AllocatorSpec(
                        "b1", -3, "bank", "first bank", Optional.of("sram"), OptionalInt.of(3), true, true,
                        Set.of("HUGE", "TINY")));
        assertThat(AllocatorSpec.from(spec.toProperties())).isEqualTo(spec);
    }

    @Test
    void theFirstBitAndTheLastAreBits() {
        assertThat(of(Map.of("bit", 0)).spec().bit()).hasValue(0);
        assertThat(of(Map.of("bit", "63")).spec().bit()).hasValue(63);
    }

    @Test
    void whatIsNotStatedIsThatOfTheType() {
        AllocatorSpec type = new AllocatorSpec(
                "b1", 7, "bank", "b1", Optional.empty(), OptionalInt.empty(), true, true, Set.of("HUGE"));
        assertThat(AllocatorSettings.of(type, Set.of(), Map.of("secure", "", "flags", " ")).spec()).isEqualTo(type);
        AllocatorSpec stated = AllocatorSettings.of(
                        type, Set.of(), Map.of("secure", false, "coherent", "false", "flags", "TINY"))
                .spec();
        assertThat(stated)
                .isEqualTo(new AllocatorSpec(
                        "b1", 7, "bank", "b1", Optional.empty(), OptionalInt.empty(), false, false, Set.of("TINY")));
    }

    @Test
    void theFullNameOfAServicePropertyWins() {
        AllocatorSpec spec =
                of(Map.of("priority", 1, "dmabuf.allocator.priority", 2, "dmabuf.allocator.id", "x")).spec();
        assertThat(spec.priority()).isEqualTo(2);
        assertThat(spec.id()).isEqualTo("x");
        assertThat(spec.name()).isEqualTo("x");
    }

    @Test
    void blankIsAbsentAndTheFrameworksOwnKeysArePassedOver() {
        AllocatorSettings settings = of(Map.of(
                "pool", "", "bit", " ", "size", "", "domains", new String[0], "service.pid", "x",
                ".private", "p", ":configurator:foo", "y", "felix.fileinstall.filename", "z"));
        assertThat(settings.spec()).isEqualTo(AllocatorSpec.of("bank", "bank", 7));
        assertThat(settings.number("size")).isEmpty();
    }

    @Test
    void readsTheKeysOfTheType() {
        AllocatorSettings settings = of(Map.of(
                "size", "16M", "ram", new String[] {"0..0xffff", "0x20000..0x2ffff"}, "reserved", "0x1000..0x1fff",
                "domains", "/iommu@1,/odd\\,name@2:1a", "open", true));
        assertThat(settings.requiredNumber("size")).isEqualTo(16L << 20);
        assertThat(settings.withoutReserved(settings.ranges("ram").orElseThrow()))
                .isEqualTo(AddressRanges.parse("0..0xfff,0x2000..0xffff,0x20000..0x2ffff"));
        assertThat(settings.names("domains")).containsExactly("/iommu@1", "/odd,name@2:1a");
        assertThat(settings.flag("open")).isTrue();
        assertThat(of(Map.of("domains", List.of("a,b", "c"))).names("domains")).containsExactly("a,b", "c");
        assertThat(of(Map.of("domains", new long[] {1, 2})).names("domains")).containsExactly("1", "2");
        assertThat(of(Map.of("size", 4096)).requiredNumber("size")).isEqualTo(4096);
    }

    @Test
    void everyErrorNamesTheKeyTheValueAndWhatWouldBeRight() {
        invalid(
                () -> of(Map.of("sise", "1")),
                "unknown key 'sise' of allocator bank: the keys are bit, coherent, domains, flags, id, name, open,"
                        + " pool, priority, ram, reserved, secure, size, source, type");
        invalid(
                () -> of(Map.of("dmabuf.allocator.prio", "1")),
                "unknown key 'dmabuf.allocator.prio' of allocator bank: the keys are bit, coherent, domains, flags, id,"
                        + " name, open, pool, priority, ram, reserved, secure, size, source, type");
        invalid(() -> of(Map.of("type", "contig")), "type=contig of allocator bank: it is bank");
        invalid(
                () -> of(Map.of("priority", "high")),
                "priority=high of allocator bank: write a whole number from -2147483648 to 2147483647");
        invalid(() -> of(Map.of("bit", 64)), "bit=64 of allocator bank: write a number from 0 to 63");
        invalid(() -> of(Map.of("secure", "maybe")), "secure=maybe of allocator bank: write true or false");
        invalid(() -> of(Map.of()).requiredNumber("size"), "size of allocator bank is missing");
        invalid(
                () -> of(Map.of("size", -1)).number("size"),
                "size=-1 of allocator bank: '-1' is not a number: write decimal, 0x or 0b, with K, M or G for a size");
        invalid(
                () -> of(Map.of("ram", "4096")).ranges("ram"),
                "ram=4096 of allocator bank: '4096' is not a range: write lo..hi, both inclusive");
        invalid(
                () -> of(Map.of("ram", "0..0xfff,0..0xfff")).ranges("ram"),
                "ram=0..0xfff,0..0xfff of allocator bank: ranges 0x0..0xfff and 0x0..0xfff overlap");
        invalid(
                () -> of(Map.of("reserved", "0..0xffff")).withoutReserved(FALLBACK),
                "reserved=0..0xffff of allocator bank: it leaves nothing of 0x0..0xfff");
        invalid(
                () -> of(Map.of("open", "yes")).flag("open"), "open=yes of allocator bank: write true or false");
    }

    private static void invalid(ThrowingCallable call, String message) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(call)
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INVALID);
    }
}
