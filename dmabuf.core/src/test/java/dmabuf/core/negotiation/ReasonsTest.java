// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.core.negotiation.Stage.blames;
import static dmabuf.core.negotiation.Stage.device;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attempt;
import dmabuf.api.BufferFlags;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.SegmentLimits;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each thing that can be in the way is told in its own words. */
class ReasonsTest {
    private final Stage stage = new Stage().mapper("smmu", "4K", "0x1000..0x10fff", "0..0xffffffff");

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', delimiter = '|', value = {
        "64K | maxSize=4K | a buffer of this size is not permitted",
        "64K | align=64K maxSegmentSize=4K | not even the smallest segment is possible: segment size and"
                + " boundary hold less than one aligned unit",
        "64K | maxSegments=2 maxSegmentSize=16K | so many segments of that size do not hold the storage",
        "64K | range=0x1000..0x10ffe | the addresses are fewer than the storage has bytes",
        "100K | range=0x1000..0x1ffff align=64K maxSegments=1"
                + " | the addresses hold no aligned place for a segment that is large enough",
    })
    void oneDevice(String size, String words, String reason) {
        assertThat(stage.refusal(size, device("A", words)).text()).endsWith(": " + reason);
    }

    @Test
    @DisplayName("behind an IOMMU a single piece needs a place among the I/O virtual addresses")
    void jointBehindIommu() {
        stage.mapper("mmu", "64K", "0x8000..0x1ffff", "0..0xffffffff");
        Member one = device("A", "iommu=mmu maxSegments=1");
        assertThat(stage.agreed("64K", one).limits()).isEmpty();
        assertThat(blames(stage.refusal("96K", one))).isEqualTo("A.maxSegments,A.iommu");
        assertThat(stage.refusal("96K", one).text()).endsWith(
                ": no place for the storage in one piece gives every device a table within its count");
        assertThat(stage.agreed("96K", device("A", "iommu=mmu maxSegments=2")).limits()).isEmpty();
    }

    @Test
    @DisplayName("only devices on a bus put their segment limits on the pages")
    void limits() {
        Member bus = device("A", "maxSegments=3 align=64");
        assertThat(stage.agreed("4K", bus, device("B", "iommu=smmu maxSegments=1")).limits())
                .containsExactly(SegmentLimits.of(bus.paths().getFirst().constraints()));
    }

    private static AllocatorSpec spec(String id, boolean secure, boolean coherent, String... flags) {
        return new AllocatorSpec(
                id, 0, "double", id, Optional.of("vpu"), OptionalInt.empty(), secure, coherent, Set.of(flags));
    }

    private List<String> passedOver(String words, String... flags) {
        Demand demand = new Demand(4096, 4096, 1, Set.of(flags));
        Outcome.Agreed agreed = (Outcome.Agreed)
                Negotiation.negotiate(List.of(device("A", words)), demand, stage.waiting());
        return agreed.passedOver().stream().map(Attempt::toString).toList();
    }

    @Test
    @DisplayName("what an allocator does not offer")
    void allocators() {
        stage.allocator(spec("plain", false, false)).allocator(spec("rich", true, true, "zlib", "crypt"));
        assertThat(passedOver("")).isEmpty();
        assertThat(passedOver("secure")).singleElement().asString().contains("plain", "offers no secure memory");
        assertThat(passedOver("coherent")).singleElement().asString().contains("plain", "offers no coherent memory");
        assertThat(passedOver("", BufferFlags.CACHED, BufferFlags.WRITE_COMBINE, BufferFlags.NO_CPU)).isEmpty();
        assertThat(passedOver("", "zlib", "crypt")).singleElement().asString()
                .contains("plain", "does not know the flag crypt");
        assertThat(passedOver("", "zlib", "other")).hasSize(2).last().asString()
                .contains("rich", "does not know the flag other");
        assertThat(passedOver("pools=dsp,isp")).hasSize(2).first().asString()
                .contains("its pool vpu is not permitted: pools=dsp,isp");
    }
}
