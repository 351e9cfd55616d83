// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.SourceOrder;
import doubles.PageSize;
import java.util.HashMap;
import java.util.List;
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
                        Optional.empty(),
                        new SourceOrder(
                                List.of("heap:reserved", "heap:linux,cma", "heap:default_cma_region", "hugepages"), true),
                        List.of(),
                        AddressRanges.ALL, Placing.LOWEST));
    }

    @Test
    void aWordForThePlacesThatIsUnknownIsRefused() {
        Map<String, Object> pool = Map.of("base", "0", "size", "1M", "placement", "best");
        assertThatThrownBy(() -> ContigSettings.of(pool))
                .isInstanceOf(DmaBufException.class)
                .hasMessageContaining("placement")
                .hasMessageContaining("it is lowest or frames");
        assertThat(ContigSettings.of(Map.of("base", "0", "size", "1M", "placement", "frames")).placing())
                .isEqualTo(Placing.FRAMES);
    }

    @Test
    void anyOtherPoolIsServedByItsOwnHeapsAlone() {
        Map<String, Object> pool = Map.of("id", "cam", "pool", "cam@0", "base", "0", "size", "1M");
        assertThat(ContigSettings.of(pool).order()).isEqualTo(new SourceOrder(List.of("heap:cam@0"), true));
        Map<String, Object> stated = new HashMap<>(pool);
        stated.put("heaps", List.of("cam,cma", "*_cam"));
        ContigSettings settings = ContigSettings.of(stated);
        assertThat(settings.order()).hasToString("heap:cam@0, heap:cam,cma, heap:*_cam, model");
        assertThat(settings.heaps()).containsExactly("heap:cam@0", "heap:cam,cma", "heap:*_cam");
        stated.put("source", "hugepages");
        assertThat(ContigSettings.of(stated).order()).isEqualTo(new SourceOrder(List.of("hugepages"), false));
    }

    @Test
    void aSandboxHasTheModelAlone() {
        Map<String, Object> pool = new HashMap<>(Map.of("base", "0", "size", "1M", "source", "model"));
        assertThat(ContigSettings.ofSandbox(pool).order()).isEqualTo(SourceOrder.MODEL);
        pool.put("source", "hugepages");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> new ContigFactory().create(pool, new PageSize(4096)))
                .withMessage("source=hugepages of allocator contig: a sandbox has the memory of the board model alone:"
                        + " leave it out, or write model");
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
                "unknown key 'rom' of allocator contig: the keys are base, bit, coherent, flags, heaps, id, name, placement, pool,"
                        + " priority, private, ram, secure, size, source, type",
                "base",
                "0",
                "size",
                "1M",
                "rom",
                "0..1");
        invalid(
                "source=udmabuf of allocator contig: this allocator takes nothing from udmabuf", "base", "0", "size",
                "1M", "source", "udmabuf");
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
