// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContigSettingsTest {
    @Test
    void baseAndSizeAreEnough() {
        assertThat(ContigSettings.of(Map.of("base", "0x40000000", "size", "16M")))
                .isEqualTo(new ContigSettings(
                        AllocatorSpec.of("contig", "contig", 100),
                        AddressRange.parse("0x40000000..0x40ffffff"),
                        Optional.empty()));
    }

    @Test
    void aPrivatePoolNamesItself() {
        ContigSettings settings = ContigSettings.of(Map.of(
                "id", "dsp", "base", 0x1000L, "size", 4096, "pool", "dsp@0", "private", true, "priority", 5,
                "bit", "2"));
        assertThat(settings.owner()).contains("dsp@0");
        assertThat(settings.spec().priority()).isEqualTo(5);
        assertThat(settings.spec().bit()).hasValue(2);
    }

    @Test
    void aWrongConfigurationSaysWhatWouldBeRight() {
        invalid("base of allocator contig is missing", "size", "1M");
        invalid("size of allocator contig is missing", "base", "0");
        invalid("size=0 of allocator contig: it must be at least 1 and less than 2^63 bytes", "base", "0", "size", "0");
        invalid(
                "size=0x8000000000000000 of allocator contig: it must be at least 1 and less than 2^63 bytes",
                "base",
                "0",
                "size",
                "0x8000000000000000");
        invalid(
                "base=0xfffffffffffff000 of allocator contig: size 1048576 at 0xfffffffffffff000 is no range: it must"
                        + " be at least 1 and end below 2^64",
                "base",
                "0xfffffffffffff000",
                "size",
                "1M");
        invalid(
                "private=true of allocator contig: name the pool, or no device can be permitted to use it",
                "base",
                "0",
                "size",
                "1M",
                "private",
                "true");
        invalid(
                "unknown key 'ram' of allocator contig: the keys are base, bit, coherent, flags, id, name, pool,"
                        + " priority, private, secure, size, type",
                "base",
                "0",
                "size",
                "1M",
                "ram",
                "0..1");
    }

    @Test
    void theFactoryMakesAnAllocatorWithoutMappers() {
        AllocatorFactory.Product product =
                new ContigFactory().create(Map.of("base", "0x40000000", "size", "16M"), null);
        assertThat(product.allocator().statistics().free()).isEqualTo(16 << 20);
        assertThat(product.mappers()).isEmpty();
    }

    private static void invalid(String message, String... pairs) {
        Map<String, Object> configuration = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            configuration.put(pairs[i], pairs[i + 1]);
        }
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> ContigSettings.of(configuration))
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INVALID);
    }
}
