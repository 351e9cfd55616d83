// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.BusWindow;
import dmabuf.api.Device;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Board.BoardAllocator;
import dmabuf.api.spi.Board.BoardDevice;
import dmabuf.api.spi.Board.BoardNode;
import dmabuf.shell.text.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BoardViewTest {
    private static final DmaConstraints CODEC = DmaConstraints.builder()
            .addressRanges(AddressRanges.of(new AddressRange(0x40000000L, 0xffffffffL)))
            .maxSegments(1)
            .build();

    private static final Board BOARD = new Board(
            "A board",
            List.of(
                    new BoardNode(
                            "/soc/codec@1000", List.of("maker,codec", "codec"), List.of("/iommu@1"), true,
                            List.of(new BusWindow(0, 0x8000_0000_0000_0000L, 0x8000_0000_0000_0000L)),
                            List.of("/reserved-memory/pool@2"), CODEC, Optional.of("maker,codec"), true),
                    new BoardNode(
                            "/soc/mmc@2000", List.of("maker,mmc"), List.of(), false, List.of(), List.of(),
                            DmaConstraints.NEUTRAL, Optional.empty(), true),
                    new BoardNode(
                            "/soc/uart@3000", List.of("maker,uart"), List.of(), false, List.of(), List.of(),
                            DmaConstraints.NEUTRAL, Optional.empty(), false)),
            List.of(new BoardDevice(
                    Device.of("/soc/codec@1000", List.of(DmaPath.of(CODEC))), Map.of("function", "decoder"))),
            List.of(new BoardAllocator(
                    AllocatorSpec.of("contig", "contig", 100), Map.of("base", "1073741824", "size", "67108864"))));

    @Test
    void jsonNamesWhatTheTreeSaysOfTheNodesThatTakePartInDma() {
        assertThat(Json.write(BoardView.nodes(BOARD, false)))
                .isEqualTo("[{\"path\":\"/soc/codec@1000\",\"compatible\":[\"maker,codec\",\"codec\"],"
                        + "\"iommus\":[\"/iommu@1\"],\"coherent\":true,"
                        + "\"windows\":[{\"bus\":0,\"cpu\":9223372036854775808,\"size\":9223372036854775808}],"
                        + "\"memoryRegions\":[\"/reserved-memory/pool@2\"],"
                        + "\"constraints\":{\"range\":[{\"first\":1073741824,\"last\":4294967295}],\"maxSegments\":1},"
                        + "\"profile\":\"maker,codec\"},"
                        + "{\"path\":\"/soc/mmc@2000\",\"compatible\":[\"maker,mmc\"],\"iommus\":[],\"coherent\":false,"
                        + "\"windows\":[],\"memoryRegions\":[],\"constraints\":{},\"profile\":null}]");
    }

    @Test
    void allAddsTheNodesWithoutDma() {
        assertThat(BoardView.nodes(BOARD, true)).extracting(node -> node.get("path"))
                .containsExactly("/soc/codec@1000", "/soc/mmc@2000", "/soc/uart@3000");
    }

    @Test
    void oneScreenHasTheMemoryAndTheDevicesThatAreKnown() {
        assertThat(BoardView.text("a.dtb", BOARD, false)).isEqualTo(
                """
                A board  (a.dtb)

                Memory
                  ALLOCATOR  TYPE    PRIORITY  POOL  WHAT IT HAS
                  contig     contig  100       -     base=0x40000000 size=64M

                2 devices take part in DMA; these are known by a profile:
                  DEVICE      FUNCTION  PROFILE      WINDOW                                      IOMMU    CONSTRAINTS
                  codec@1000  decoder   maker,codec  0x0..0x7fffffffffffffff@0x8000000000000000  iommu@1  range=0x40000000..0xffffffff maxSegments=1

                The others (--all lists every node, --json everything):
                  mmc@2000
                """);
    }

    @Test
    void whatSysfsAloneHasStandsBesideTheTree() {
        BoardDevice engine = new BoardDevice(
                Device.of("/sys/devices/pci0000:00/0000:00:01.0", List.of(DmaPath.of(DmaConstraints.NEUTRAL).withMaskBits(28))),
                Map.of("sysfs", "maskBits=32 driver=none", "profile", "pci1234,11e8 maskBits=28",
                        "iommuGroup", "/sys/kernel/iommu_groups/1 DMA-FQ reserved=0xfee00000..0xfeefffff"));
        String expected =
                """
                1 device that sysfs has:
                  DEVICE        NODE  REACHES MEMORY  SYSFS SAYS               PROFILE SAYS              IOMMU GROUP
                  0000:00:01.0  -     maskBits=28     maskBits=32 driver=none  pci1234,11e8 maskBits=28  1 DMA-FQ reserved=0xfee00000..0xfeefffff
                """;
        Board machine = new Board("PC", List.of(), List.of(engine), BOARD.allocators());
        assertThat(BoardView.text("here", machine, false))
                .startsWith("PC  (here)\n\nMemory\n").endsWith("\n\n" + expected).doesNotContain("take part in DMA");
        assertThat(BoardView.data(machine, false)).singleElement().satisfies(device -> assertThat(Json.write(device))
                .startsWith("{\"path\":\"/sys/devices/pci0000:00/0000:00:01.0\",\"node\":\"\",")
                .contains("\"sysfs\":\"maskBits=32 driver=none\"", "\"profile\":\"pci1234,11e8 maskBits=28\""));
        Board both = new Board("SoC", BOARD.nodes(), List.of(BOARD.devices().getFirst(), engine), BOARD.allocators());
        assertThat(BoardView.text("here", both, false)).contains("2 devices take part in DMA").endsWith(expected);
        assertThat(BoardView.data(both, false)).hasSize(3);
    }

    @Test
    void everyNodeOnDemand() {
        assertThat(BoardView.text("a.dtb", BOARD, true))
                .contains("Every enabled node", "/soc/uart@3000", "/soc/codec@1000  yes")
                .contains("pool@2");
    }
}
