// SPDX-License-Identifier: Apache-2.0
package trials;

import java.util.function.UnaryOperator;

/**
 * A board that does not exist: 1 GiB of RAM with a CMA area of 64 MiB, a codec, a display that takes one segment only, and a
 * decoder behind an IOMMU. {@code trials.inside} knows the devices by name.
 */
final class Board {
    private static final long RAM = 0x4000_0000L;
    private static final int MMU = 1;

    private Board() {}

    static byte[] blob() {
        return TreeBlob.of("Trials", root -> root.memory(RAM, 1 << 30)
                .node("reserved-memory", memory -> wide(memory).node("linux,cma", node -> node
                        .text("compatible", "shared-dma-pool")
                        .reg(RAM + (128 << 20), 64 << 20)
                        .flag("reusable")
                        .flag("linux,cma-default")))
                .node("soc@0", Board::soc));
    }

    private static TreeBlob soc(TreeBlob soc) {
        return wide(soc)
                .text("compatible", "simple-bus")
                .node("codec@38300000", device("nxp,imx8mm-vpu-g1", 0x3830_0000))
                .node("display@32e00000", device("fsl,imx28-lcdif", 0x32e0_0000))
                .node("iommu@38408000", node -> device("rockchip,iommu", 0x3840_8000)
                        .apply(node)
                        .cells("#iommu-cells", 0)
                        .cells("phandle", MMU))
                .node("decoder@38400000", node ->
                        device("rockchip,rk3399-vdec", 0x3840_0000).apply(node).cells("iommus", MMU));
    }

    private static UnaryOperator<TreeBlob> device(String compatible, long registers) {
        return node -> node.text("compatible", compatible).reg(registers, 0x1_0000);
    }

    private static TreeBlob wide(TreeBlob node) {
        return node.cells("#address-cells", 2).cells("#size-cells", 2).flag("ranges");
    }
}
