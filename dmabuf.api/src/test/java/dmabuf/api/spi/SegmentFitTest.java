// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import doubles.RequestDouble;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an allocator learns of its own frames before the runtime verifies them. */
class SegmentFitTest {
    private static final AddressRanges RAM = AddressRanges.parse("0x40000000..0x7fffffff");

    private static List<Segment> segments(long... numbers) {
        return IntStream.range(0, numbers.length / 2)
                .mapToObj(i -> new Segment(numbers[2 * i], numbers[2 * i + 1]))
                .toList();
    }

    @Test
    void lengthRangeCountAndAlignmentAreTold() {
        RequestDouble request = RequestDouble.ofSize(0x3000).direct("maxSegments=2 range=0..0xffff");
        assertThat(SegmentFit.misfit(segments(0x1000, 0x1000, 0x2000, 0x1000, 0x8000, 0x1000), request))
                .as("neighbours are one").isEmpty();
        assertThat(SegmentFit.misfit(segments(0x1000, 0x2000), request))
                .hasValue("memory of 8192 bytes where 12288 are asked for");
        assertThat(SegmentFit.misfit(segments(0x1000, 0x1000, 0xf000, 0x2000), request))
                .hasValue("out of range: reachable=0x0..0xffff, actual=0xf000..0x10fff");
        assertThat(SegmentFit.misfit(segments(0x1000, 0x1000, 0x4000, 0x1000, 0x8000, 0x1000), request))
                .hasValue("3 segments where a device takes 2");
        assertThat(SegmentFit.misfit(segments(0x1000, 0x3000), request.align(0x2000)).orElseThrow())
                .contains("0x1000+0x3000", "not aligned");
        assertThat(SegmentFit.misfit(segments(0x2000, 0x3000), request)).isEmpty();
    }

    @Test
    void theFirstBytesAreKept() {
        List<Segment> two = segments(0x1000, 0x1000, 0x8000, 0x2000);
        assertThat(SegmentFit.first(0x1000, two)).isEqualTo(segments(0x1000, 0x1000));
        assertThat(SegmentFit.first(0x1001, two)).isEqualTo(segments(0x1000, 0x1000, 0x8000, 1));
        assertThat(SegmentFit.first(0x3000, two)).isEqualTo(two);
    }

    @Test
    void aPromiseIsRefusedBeforeAnythingIsTaken() {
        PlacementPromise pages = new PlacementPromise(4096, 4096, RAM);
        RequestDouble any = RequestDouble.ofSize(0x4000).direct("maxSegments=4");
        SegmentFit.check(pages, any.align(4096));
        assertRefused(pages, RequestDouble.ofSize(0x4000).direct("maxSegments=3"), Reason.FRAGMENTED,
                "segments unknown: max=3, may be 4 (device0)");
        assertRefused(pages, RequestDouble.ofSize(0x4000).direct("range=0..0xfffffff"), Reason.INCOMPATIBLE,
                "addresses unknown: reachable=0x0..0xfffffff, may lie in " + RAM + " (device0)");
        assertRefused(pages, RequestDouble.ofSize(0x4000).align(8192), Reason.INCOMPATIBLE,
                "the alignment of the first address is unknown: needs=8192, promised=4096");
        Participant behind = new Participant("engine", DmaPath.parse("iommu=mmu range=0..0xfffffff"));
        SegmentFit.check(pages, RequestDouble.ofSize(0x4000).devices(behind));
    }

    private static void assertRefused(PlacementPromise promise, RequestDouble request, Reason reason, String text) {
        assertThatThrownBy(() -> SegmentFit.check(promise, request))
                .isInstanceOfSatisfying(DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessage(text);
    }

    @Test
    void whoIsBehindAGroupOfTheKernelIsMappedByUs() {
        Participant direct = new Participant("cam", DmaPath.parse(""));
        Participant model = new Participant("engine", DmaPath.parse("iommu=mmu"));
        Participant real = new Participant("nvme", DmaPath.parse("iommu=" + IommuService.GROUPS + "3"));
        RequestDouble request = RequestDouble.ofSize(4096);
        assertThat(SegmentFit.mappedByUs(request.devices(direct, model))).isEmpty();
        assertThat(SegmentFit.mappedByUs(request.devices(direct, model, real))).hasValue("nvme");
    }
}
