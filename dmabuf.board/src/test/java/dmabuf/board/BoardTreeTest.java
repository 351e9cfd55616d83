// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.BusWindow;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Board.BoardDevice;
import dmabuf.api.spi.Board.BoardNode;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BoardTreeTest {
    private static final BusWindow SOC = new BusWindow(0, 0x4000_0000L, 0x6000_0000L);
    private static final Board CASES = board(Dts.fixture("cases"));

    private static Board board(byte[] blob) {
        return new BoardTree(FdtReader.read(blob), ProfileTable.shipped()).board(Optional.empty());
    }

    private static Board board(String inside) {
        return board(Dts.compile("/ { #address-cells = <1>; #size-cells = <1>; " + inside + "};"));
    }

    private static BoardNode node(String path) {
        return CASES.nodes().stream().filter(node -> node.path().equals(path)).findFirst().orElseThrow();
    }

    private static DmaPath way(String path) {
        BoardDevice found = CASES.devices().stream()
                .filter(device -> device.device().name().equals(path))
                .findFirst()
                .orElseThrow();
        return found.device().paths().getFirst();
    }

    @Test
    void listsEveryEnabledNodeThatSaysWhatItIsByPath() {
        assertThat(CASES.model()).isEqualTo("Cases");
        assertThat(CASES.nodes()).extracting(BoardNode::path).isSorted().hasSize(23)
                .contains("/soc@0", "/soc@0/timer@8000", "/reserved-memory/linux,cma")
                .doesNotContain("/", "/soc@0/iommu@5000", "/soc@0/switched-off@9000/child", "/memory@40000000");
        assertThat(CASES.devices()).extracting(device -> device.device().name()).containsExactly(
                "/free@100000000",
                "/soc@0/bus@a000/gpu@0",
                "/soc@0/bus@b000/bus/camera@1",
                "/soc@0/bus@b000/camera@0",
                "/soc@0/bus@c000/dma@0",
                "/soc@0/codec@1000",
                "/soc@0/decoder@6000",
                "/soc@0/deinterlace@f000",
                "/soc@0/display@2000",
                "/soc@0/npu@7000",
                "/soc@0/pcie@d000",
                "/soc@0/pcie@d000/endpoint@0");
    }

    @Test
    void windowsAreThoseOfTheFirstBusThatStatesSome() {
        assertThat(node("/soc@0").windows()).as("the root has none").isEmpty();
        assertThat(node("/soc@0/codec@1000").windows()).containsExactly(SOC);
        assertThat(node("/soc@0/bus@a000/gpu@0").windows()).as("an empty one is passed").containsExactly(SOC);
        assertThat(node("/soc@0/bus@b000/camera@0").windows())
                .as("a missing one is passed at first").containsExactly(SOC);
        assertThat(node("/soc@0/bus@b000/bus/camera@1").windows()).as("and ends the walk later").isEmpty();
        assertThat(node("/free@100000000").windows()).isEmpty();
    }

    @Test
    void windowsAreTranslatedUpToTheCpu() {
        assertThat(node("/soc@0/bus@c000/dma@0").windows())
                .as("without the one of size 0 and the one that soc@0 does not translate")
                .containsExactly(new BusWindow(0x8000_0000L, 0x5000_0000L, 0x100_0000L));
        assertThat(node("/soc@0/pcie@d000/endpoint@0").windows())
                .as("the first of three cells is flags")
                .containsExactly(new BusWindow(0x1_0000_0000L, 0x6000_0000L, 0x100_0000L));
    }

    @Test
    void windowsFollowTheInterconnectNamedDmaMem() {
        assertThat(node("/soc@0/deinterlace@f000").windows())
                .containsExactly(new BusWindow(0, 0x5000_0000L, 0x2000_0000L));
    }

    @Test
    void severalWindowsStandInTreeOrderAndMakeASetOfIntervals() {
        Board board = board("soc { #address-cells = <1>; #size-cells = <1>;"
                + " dma-ranges = <0x40000000 0x80000000 0x1000>, <0x0 0x20000000 0x1000>, <0x1000 0x20001000 0x1000>;"
                + " d { compatible = \"arm,hdlcd\"; }; };");
        assertThat(board.nodes().getFirst().windows()).containsExactly(
                new BusWindow(0x4000_0000, 0x8000_0000L, 0x1000),
                new BusWindow(0, 0x2000_0000, 0x1000),
                new BusWindow(0x1000, 0x2000_1000, 0x1000));
        assertThat(board.nodes().getFirst().constraints().addressRanges())
                .hasToString("0x20000000..0x20000fff,0x20001000..0x20001fff,0x80000000..0x80000fff");
    }

    @Test
    void addressesAreUnsigned() {
        Board board = board(Dts.compile("/ { #address-cells = <2>; #size-cells = <2>; a { #address-cells = <2>;"
                + " #size-cells = <2>; dma-ranges = <0x80000000 0x0 0xf0000000 0x0 0x10000000 0x0>;"
                + " d { compatible = \"d\"; }; }; };"));
        assertThat(board.nodes().getFirst().windows())
                .containsExactly(new BusWindow(1L << 63, 0xf000_0000_0000_0000L, 0x1000_0000_0000_0000L));
    }

    @Test
    void refusesWindowsThatMakeNoSense() {
        assertThatThrownBy(() -> board("soc { #address-cells = <2>; #size-cells = <1>;"
                        + " dma-ranges = <0xffffffff 0xfffff000 0x0 0x2000>; d { compatible = \"d\"; }; };"))
                .isInstanceOf(DmaBufException.class)
                .hasMessageContaining("a window of /soc: size 8192 at 0xfffffffffffff000 is no range")
                .hasMessageMatching(".*\\(offset 0x[0-9a-f]+\\)");
    }

    @Test
    void aCycleOfDmaParentsIsAnErrorWithThePlace() {
        assertThatThrownBy(() -> board("a: a { compatible = \"a\"; #interconnect-cells = <0>;"
                        + " interconnects = <&b>; interconnect-names = \"dma-mem\"; };"
                        + " b: b { #interconnect-cells = <0>; interconnects = <&a>;"
                        + " interconnect-names = \"dma-mem\"; };"))
                .isInstanceOf(DmaBufException.class)
                .hasMessageMatching("device tree: the DMA parents of /a go in a cycle through the interconnects of"
                        + " /[ab] \\(offset 0x[0-9a-f]+\\)");
    }

    @Test
    void anIommuCountsWhenItIsEnabled() {
        assertThat(node("/soc@0/display@2000").iommus())
                .as("each once, in order")
                .containsExactly("/soc@0/iommu@4000", "/soc@0/iommu@3000");
        assertThat(node("/soc@0/decoder@6000").iommus()).containsExactly("/soc@0/iommu@3000");
        assertThat(node("/soc@0/codec@1000").iommus()).isEmpty();
    }

    @Test
    void eachStreamHasAnAddressSpaceOfItsOwn() {
        assertThat(way("/soc@0/display@2000").iommu()).contains("/soc@0/iommu@4000:0x10a0:0x8");
        assertThat(way("/soc@0/decoder@6000").iommu()).contains("/soc@0/iommu@3000");
        assertThat(way("/soc@0/codec@1000").iommu()).isEmpty();
    }

    @Test
    void coherenceIsThatOfTheNearestNodeThatStatesIt() {
        assertThat(node("/soc@0/codec@1000").coherent()).isFalse();
        assertThat(node("/soc@0/display@2000").coherent()).isTrue();
        assertThat(way("/soc@0/display@2000").isCoherent()).isTrue();
        assertThat(node("/free@100000000").coherent()).isFalse();
    }

    @Test
    void memoryRegionsStandInOrderEnabledOrNotAndLimitNothing() {
        assertThat(node("/soc@0/codec@1000").memoryRegions()).containsExactly(
                "/reserved-memory/dsp-pool@50000000", "/reserved-memory/framebuffer@61000000");
        assertThat(node("/soc@0/codec@1000").constraints().pools()).isEmpty();
    }

    @Test
    void constraintsJoinTheDriversLimitsAndTheWindows() {
        assertThat(node("/soc@0/codec@1000").constraints())
                .isEqualTo(DmaConstraints.parse("range=0x40000000..0x9fffffff maxSegments=1"));
        assertThat(way("/soc@0/codec@1000")).hasToString(
                "maskBits=32 window=0x0..0x5fffffff@0x40000000 maxSegments=1");
        assertThat(node("/soc@0/display@2000").constraints())
                .as("behind an IOMMU no physical page is limited")
                .isEqualTo(DmaConstraints.parse("maxSegments=1"));
        assertThat(node("/soc@0/timer@8000").constraints().addressRanges())
                .isEqualTo(AddressRanges.of(new AddressRange(0x4000_0000L, 0x9fff_ffffL)));
        assertThat(node("/free@100000000").constraints())
                .isEqualTo(DmaConstraints.parse("range=0..0xffffffff granule=4K"));
    }

    @Test
    void theProfileIsThatOfTheMostSpecificStringThatHasOne() {
        assertThat(node("/soc@0/display@2000").profile()).contains("fsl,imx28-lcdif");
        assertThat(node("/soc@0/npu@7000").profile()).contains("npu:vivante,gc");
        assertThat(node("/soc@0/timer@8000").profile()).isEmpty();
    }

    @Test
    void devicesCarryWhatFiltersLookFor() {
        Map<String, Object> codec = CASES.devices().stream()
                .filter(device -> device.device().name().equals("/soc@0/codec@1000"))
                .findFirst().orElseThrow().properties();
        assertThat(codec)
                .containsEntry("name", "/soc@0/codec@1000")
                .containsEntry("path", "/soc@0/codec@1000")
                .containsEntry("family", "hantro")
                .containsEntry("function", new String[] {"decoder"})
                .containsEntry("compatible", new String[] {"nxp,imx8mm-vpu-g1"});
        Map<String, Object> dma = CASES.devices().stream()
                .filter(device -> device.device().name().endsWith("dma@0"))
                .findFirst().orElseThrow().properties();
        assertThat(dma).containsEntry("function", new String[] {"dma"}).doesNotContainKey("family");
    }

    @Test
    void aDeviceThatReachesNothingTakesNoPart() {
        Board board = board("soc { #address-cells = <2>; #size-cells = <1>; dma-ranges = <0x1 0x0 0x0 0x1000>;"
                + " d { compatible = \"arm,hdlcd\"; }; };");
        assertThat(board.devices()).as("a window above its 32-bit mask").isEmpty();
        assertThat(board.nodes()).singleElement().matches(node -> !node.dma());
    }
}
