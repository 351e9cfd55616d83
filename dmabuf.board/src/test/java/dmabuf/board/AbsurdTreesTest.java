// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Board;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Legal trees of the largest size that is read, each made to cost as much as it can: time and memory stay small. */
class AbsurdTreesTest {
    private static final int NODES = 20_000;

    private static Board board(FdtWriter tree) {
        byte[] blob = tree.blob();
        assertThat(blob.length).isLessThanOrEqualTo(FdtHeader.MAX_BYTES);
        return new BoardTree(FdtReader.read(blob), ProfileTable.shipped()).board(Optional.empty());
    }

    private static FdtWriter root() {
        return new FdtWriter().begin("").cells("#address-cells", 1).cells("#size-cells", 1);
    }

    @Test
    void manyNodesUnderManyWindows() {
        int[] ranges = new int[BusWindows.MAX_WINDOWS * 3];
        for (int i = 0; i < ranges.length; i += 3) {
            ranges[i] = i << 20;
            ranges[i + 1] = i << 20;
            ranges[i + 2] = 1 << 20;
        }
        FdtWriter tree = root().begin("soc").cells("#address-cells", 1).cells("#size-cells", 1);
        tree.cells("dma-ranges", ranges);
        for (int i = 0; i < NODES; i++) {
            tree.begin("d" + i).property("compatible").property("dma-coherent").end();
        }
        assertThat(board(tree.end().end()).devices()).hasSize(NODES);
    }

    @Test
    void manyWindowsAreRefused() {
        FdtWriter tree = root().begin("soc").cells("#address-cells", 1).cells("#size-cells", 1)
                .cells("dma-ranges", new int[17 * 3]).begin("d").property("compatible").end().end().end();
        assertThatThrownBy(() -> board(tree)).isInstanceOf(DmaBufException.class).hasMessageMatching(
                "device tree: dma-ranges of /soc has more than 16 entries \\(offset 0x[0-9a-f]+\\)");
        FdtWriter noCells = root().begin("soc").cells("#address-cells", 0).cells("#size-cells", 0)
                .cells("dma-ranges", new int[33]).begin("d").property("compatible").end().end().end();
        assertThatThrownBy(() -> board(noCells)).hasMessageContaining("has more than 16 entries");
    }

    @Test
    void aChainOfDmaParentsThroughAllNodes() {
        FdtWriter tree = root();
        for (int i = 1; i < 20_000; i++) {
            tree.begin("d" + i).cells("phandle", i).cells("#interconnect-cells", 0).property("compatible")
                    .cells("interconnects", i + 1).strings("interconnect-names", "dma-mem").end();
        }
        assertThatThrownBy(() -> board(tree.end())).isInstanceOf(DmaBufException.class)
                .hasMessageContaining("go in a cycle through the interconnects of /d");
    }

    @Test
    void aMillionReferencesToOneIommu() {
        int[] references = new int[1_000_000];
        Arrays.fill(references, 1);
        FdtWriter tree = root().begin("iommu").cells("phandle", 1).cells("#iommu-cells", 0).end()
                .begin("d").property("compatible").cells("iommus", references).end().end();
        assertThat(board(tree).nodes().getLast().iommus()).containsExactly("/iommu");
        FdtWriter regions = root().begin("r").cells("phandle", 1).end()
                .begin("d").property("compatible").cells("memory-region", references).end().end();
        assertThat(board(regions).nodes().getLast().memoryRegions()).hasSize(references.length);
    }

    @Test
    void manyStringsAreRefused() {
        FdtWriter tree = root().begin("d").property("compatible", new byte[4_000_000]).end().end();
        assertThatThrownBy(() -> board(tree)).isInstanceOf(DmaBufException.class)
                .hasMessageMatching("device tree: compatible has more than 256 strings \\(offset 0x[0-9a-f]+\\)");
    }

    @Test
    void asMuchReservedMemoryAsThereMayBe() {
        FdtWriter tree = root();
        for (int i = 0; i < 128; i++) {
            tree.begin("memory@" + i).cells("reg", i << 24, 1 << 24).end();
        }
        tree.begin("reserved-memory").cells("#address-cells", 1).cells("#size-cells", 1);
        for (int i = 0; i < 128; i++) {
            int[] holes = new int[128];
            for (int j = 0; j < holes.length; j += 2) {
                holes[j] = (i << 24) + (j << 16);
                holes[j + 1] = 4096;
            }
            tree.begin("r" + i).cells("reg", holes).end();
        }
        assertThat(board(tree.end().end()).allocators()).extracting(allocator -> allocator.spec().id())
                .containsExactly("system");
    }
}
