// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.core.negotiation.Stage.path;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Segment;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Every lie that an allocator or a mapper can tell, each with its complaint. */
class VerificationTest {
    private static final Demand PAGES_16 = Demand.of(64 << 10, 4096, 1, Set.of());

    private final Stage stage = new Stage().mapper("smmu", "16K", "0x100000..0xffffffff", "0..0xffffffff");

    private static Participant device(String words) {
        return new Participant("codec@38300000", path(words));
    }

    private void assertComplaint(String complaint, String words, Segment... segments) {
        assertThat(Verification.allocation(List.of(segments), PAGES_16, List.of(device(words)), stage))
                .hasValue(complaint);
    }

    private static Segment segment(long address, long byteSize) {
        return new Segment(address, byteSize);
    }

    @Test
    @DisplayName("honest storage has no complaint")
    void honest() {
        assertThat(Verification.allocation(
                        List.of(segment(0x8000, 0x8000), segment(0x10000, 0x8000)), PAGES_16,
                        List.of(device("maxSegments=1 align=32K"), device("iommu=smmu maxSegments=1"), device("")),
                        stage))
                .isEmpty();
        assertThat(Verification.allocation(List.of(segment(0x3000, 0x10000)), PAGES_16, List.of(), stage)).isEmpty();
    }

    @Test
    @DisplayName("too many segments")
    void count() {
        List<Segment> scattered = new ArrayList<>();
        for (int page = 0; page < 17; page++) {
            scattered.add(segment(0x100000 + page * 0x2000L, 0x1000));
        }
        assertThat(Verification.device(scattered, device("maxSegments=1"), stage))
                .hasValue("too many segments: max=1, actual=17 (codec@38300000)");
        assertComplaint("too many segments: max=2, actual=4 (codec@38300000)", "maxSegments=2 maxSegmentSize=16K",
                segment(0x10000, 0x10000));
        assertComplaint("too many segments: max=1, actual=2 (codec@38300000)", "maxSegments=1 boundary=64K",
                segment(0x18000, 0x10000));
        assertThat(Verification.device(List.of(segment(0, 1L << 62)), device("maxSegmentSize=1"), stage))
                .hasValue("too many segments: max=1048576, actual=4611686018427387904 (codec@38300000)");
        assertThat(Verification.device(
                        List.of(segment(0, 1L << 63), segment(-8L, 8)), device("maxSegmentSize=1"), stage))
                .as("counts saturate")
                .hasValue("too many segments: max=1048576, actual=9223372036854775807 (codec@38300000)");
    }

    @Test
    @DisplayName("wrong length, with sums that overflow")
    void length() {
        assertComplaint("wrong length: expected=0x10000, actual=0xf000", "", segment(0, 0xf000));
        assertComplaint("wrong length: expected=0x10000, actual=0x11000", "", segment(0, 0x10000), segment(0, 0x1000));
        assertComplaint("wrong length: expected=0x10000, actual is above 2^64", "",
                segment(0, 0x10000), segment(1L << 63, 1L << 63), segment(0, 1L << 63));
    }

    @Test
    @DisplayName("segments that overlap each other")
    void overlap() {
        assertComplaint("segments overlap: 0x1000+0x8000 and 0x8000+0x8000", "",
                segment(0x8000, 0x8000), segment(0x1000, 0x8000));
    }

    @Test
    @DisplayName("out of range, also in part")
    void range() {
        assertComplaint("out of range: reachable=0x0..0xffff, actual=0x8000..0x17fff (codec@38300000)", "maskBits=16",
                segment(0x8000, 0x10000));
        assertComplaint("out of range: reachable=0x0..0xffffffff, actual=0x100000000..0x10000ffff (codec@38300000)",
                "iommu=smmu", segment(0x100000000L, 0x10000));
    }

    @Test
    @DisplayName("alignment of the buffer, of the device, and granules")
    void alignment() {
        assertThat(Verification.allocation(
                        List.of(segment(0x1000, 0x10000)), Demand.of(64 << 10, 4096, 8192, Set.of()), List.of(), stage))
                .hasValue("first address not aligned: alignment=0x2000, actual=0x1000 (the buffer)");
        assertComplaint("segment not aligned: alignment=0x8000, actual=0x21000 (codec@38300000)", "align=32K",
                segment(0x8000, 0x8000), segment(0x21000, 0x8000));
        assertComplaint("not in whole granules: granule=0x2000, actual=0x4000+0x1000 (codec@38300000)", "granule=8K",
                segment(0x4000, 0x1000), segment(0x8000, 0xf000));
        assertComplaint("not in whole granules: granule=0x4000, actual=0x2000+0x10000 (codec@38300000)", "iommu=smmu",
                segment(0x2000, 0x10000));
        assertThat(Verification.allocation(
                        List.of(segment(0x4000, 0xc000), segment(0x20000, 0x1000)),
                        Demand.of(0xd000, 4096, 1, Set.of()), List.of(device("iommu=smmu granule=16K")), stage))
                .as("the last length need be no granule").isEmpty();
        assertComplaint("no segment is possible: align=64K maxSegmentSize=4K (codec@38300000)",
                "align=64K maxSegmentSize=4K", segment(0, 0x10000));
    }

    @Test
    @DisplayName("what a mapper returns is verified too")
    void mapped() {
        Participant device = device("iommu=smmu align=64K maxSegments=1 boundary=1M aperture=0..0x7fffffff");
        assertThat(Verification.mapped(segment(0x100000, 0x10000), 0x10000, device, stage)).isEmpty();
        assertThat(Verification.mapped(segment(0x100000, 0x8000), 0x10000, device, stage))
                .hasValue("wrong length: expected=0x10000, actual=0x8000");
        assertThat(Verification.mapped(segment(0x90000, 0x10000), 0x10000, device, stage))
                .hasValue("out of range: reachable=0x100000..0xffffffff, actual=0x90000..0x9ffff (codec@38300000)");
        assertThat(Verification.mapped(segment(0x80000000L, 0x10000), 0x10000, device, stage))
                .hasValue("out of range: reachable=0x0..0x7fffffff, actual=0x80000000..0x8000ffff (codec@38300000)");
        assertThat(Verification.mapped(segment(0x108000, 0x10000), 0x10000, device, stage))
                .hasValue("segment not aligned: alignment=0x10000, actual=0x108000 (codec@38300000)");
        assertThat(Verification.mapped(segment(0x1f0000, 0x20000), 0x20000, device, stage))
                .hasValue("too many segments: max=1, actual=2 (codec@38300000)");
    }
}
