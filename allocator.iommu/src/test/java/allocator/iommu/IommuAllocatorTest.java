// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.Participant;
import dmabuf.linux.NativeMemory;
import doubles.CoreDouble;
import doubles.NoLog;
import doubles.PageSize;
import doubles.RequestDouble;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IommuAllocatorTest {
    private static final long K = 1 << 10;
    private static final long M = 1 << 20;

    private final CoreDouble core = new CoreDouble();
    private final AllocatorFactory.Product product = new IommuFactory()
            .create(Map.of("domains", "gpu,vpu", "ram", "0x40000000..0x40ffffff"), new PageSize(4096));

    private static Participant behind(String domain, String constraints) {
        return new Participant("d-" + domain, DmaPath.of(DmaConstraints.parse(constraints)).withIommu(domain));
    }

    @Test
    void matchesOnlyWhoIsBehindItsDomains() {
        assertThat(product.allocator().match(behind("gpu", "range=0..0xfff"))).isTrue();
        assertThat(product.allocator().match(behind("isp", ""))).isFalse();
        assertThat(product.allocator().match(new Participant("d", DmaPath.of(DmaConstraints.NEUTRAL)))).isFalse();
        assertThat(product.allocator().describe())
                .containsExactly(
                        Map.entry("ram", "0x40000000..0x40ffffff"), Map.entry("domains", "gpu, vpu"));
    }

    @Test
    void takesTheLargestChunksWhateverTheDeviceCounts() {
        Participant strict = behind("gpu", "maxSegments=1 range=0..0xffffffff");
        Allocation storage =
                core.allocate(product.allocator(), RequestDouble.ofSize(2 * M + 68 * K).devices(strict));
        assertThat(storage.segments())
                .extracting(Segment::byteSize)
                .containsExactly(M, M, 64 * K, 4 * K);
        Mapper gpu = product.mappers().getFirst();
        Segment piece = gpu.map(strict, storage.segments());
        assertThat(piece).isEqualTo(new Segment(0x100000, 2 * M + 68 * K));
        long page = 0;
        for (Segment segment : storage.segments()) {
            for (long offset = 0; offset < segment.byteSize(); offset += 4 * K, page += 4 * K) {
                assertThat(gpu.translate(piece.address() + page)).hasValue(segment.address() + offset);
            }
        }
    }

    @Test
    void domainsDoNotSeeEachOther() {
        Participant gpu = behind("gpu", "");
        Allocation storage = core.allocate(product.allocator(), RequestDouble.ofSize(M).devices(gpu));
        Segment piece = product.mappers().getFirst().map(gpu, storage.segments());
        assertThat(product.mappers()).extracting(Mapper::domain).containsExactly("gpu", "vpu");
        assertThat(product.mappers().getLast().translate(piece.address())).isEmpty();
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> product.mappers().getLast().map(gpu, storage.segments()))
                .withMessage("d-gpu is not behind domain vpu but behind gpu");
    }

    @Test
    void theGranuleHoldsForEveryChunkButTheLastLength() {
        Participant coarse = behind("gpu", "granule=64K");
        assertThat(core.allocate(product.allocator(), RequestDouble.ofSize(136 * K).devices(coarse)).segments())
                .containsExactly(
                        new Segment(0x40000000L, 64 * K), new Segment(0x40020000L, 64 * K),
                        new Segment(0x40040000L, 8 * K));
    }

    @Test
    void whatTheIommuCannotPutOutIsNotHandedOut() {
        RequestDouble request = RequestDouble.ofSize(M)
                .output(AddressRange.parse("0x40800000..0xffffffff"))
                .devices(behind("gpu", ""));
        assertThat(core.allocate(product.allocator(), request).segments())
                .containsExactly(new Segment(0x40800000L, M));
    }

    @Test
    void freshMemoryIsZeroAndComesBackWhole() {
        NativeMemory linux = new NativeMemory(Map.of("capacity", "64M"), NoLog.LOGGER);
        RequestDouble request =
                RequestDouble.ofSize(80 * K).devices(behind("gpu", "")).memories(size -> linux.memfd(size, "iommu"));
        Allocation storage = core.allocate(product.allocator(), request);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(storage.memory().view(0, 80 * K, CpuMode.READ, arena).toArray(ValueLayout.JAVA_BYTE))
                    .containsOnly(0);
        }
        assertThat(product.allocator().statistics().live()).isEqualTo(1);
        core.release(product.allocator(), storage);
        assertThat(product.allocator().statistics().largestFree()).isEqualTo(16 * M);
        assertThat(linux.inUse()).isZero();
    }

    @Test
    void tooLittleIsOutOfMemory() {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> core.allocate(product.allocator(), RequestDouble.ofSize(17 * M)))
                .withMessage("17M asked, 16M of 16M free")
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.OUT_OF_MEMORY);
    }

    @Test
    void theMapperSaysWhatItCan() {
        AllocatorFactory.Product small = new IommuFactory()
                .create(
                        Map.of(
                                "domains", List.of("a"), "granule", "64K", "outputBits", 32, "aperture",
                                "0x100000..0xfffffff", "reserved", "0x8000000..0x80fffff"),
                        new PageSize(4096));
        Mapper mapper = small.mappers().getFirst();
        assertThat(mapper.granule()).isEqualTo(64 * K);
        assertThat(mapper.output()).isEqualTo(AddressRange.parse("0..0xffffffff"));
        assertThat(mapper.aperture()).isEqualTo(AddressRanges.parse("0x100000..0x7ffffff,0x8100000..0xfffffff"));
    }
}
