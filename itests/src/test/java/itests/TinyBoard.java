// SPDX-License-Identifier: Apache-2.0
package itests;

/** A board with one block that does DMA, behind a bus that shifts its addresses by 1 GiB, or behind an IOMMU. */
final class TinyBoard {
    private static final int MMU = 1;

    private TinyBoard() {}

    static byte[] blob(boolean iommu) {
        return TreeBlob.of("A tiny board", root -> root.memory(0x4000_0000L, 0x2000_0000L)
                .node("soc", soc -> iommu ? codec(bus(soc), true).node("iommu@2000", TinyBoard::mmu) : codec(bus(soc), false)));
    }

    private static TreeBlob bus(TreeBlob soc) {
        return soc.text("compatible", "simple-bus")
                .cells("#address-cells", 2)
                .cells("#size-cells", 2)
                .flag("ranges")
                .cells("dma-ranges", 0, 0, 0, 0x4000_0000, 0, 0x2000_0000);
    }

    private static TreeBlob codec(TreeBlob soc, boolean iommu) {
        return soc.node("codec@1000", node -> {
            node.text("compatible", "nxp,imx8mm-vpu-g1").reg(0x1000, 0x1000);
            return iommu ? node.cells("iommus", MMU) : node;
        });
    }

    private static TreeBlob mmu(TreeBlob node) {
        return node.text("compatible", "rockchip,iommu")
                .reg(0x2000, 0x100)
                .cells("#iommu-cells", 0)
                .cells("phandle", MMU);
    }
}
