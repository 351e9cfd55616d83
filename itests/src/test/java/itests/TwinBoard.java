// SPDX-License-Identifier: Apache-2.0
package itests;

import java.util.function.UnaryOperator;

/** A small board that does not exist: a codec, a display and a DSP on a bus with an offset, and a decoder behind an IOMMU. */
final class TwinBoard {
    static final long RAM = 0x4000_0000L;
    static final long RAM_BYTES = 1L << 30;
    static final long FIRMWARE = RAM;
    static final long FIRMWARE_BYTES = 16 << 20;
    static final long CMA = 0x4800_0000L;
    static final long CMA_BYTES = 64 << 20;
    static final long DSP_POOL = 0x5000_0000L;
    static final long DSP_POOL_BYTES = 16 << 20;

    static final String CODEC = "/soc@0/video-codec@38300000";
    static final String DECODER = "/soc@0/video-codec@38400000";
    static final String DISPLAY = "/soc@0/lcd-controller@32e00000";
    static final String DSP = "/soc@0/dsp@3b6e8000";
    static final String IOMMU = "/soc@0/iommu@38408000";

    private static final int DSP_MEMORY = 1;
    private static final int MMU = 2;

    private TwinBoard() {}

    static byte[] blob() {
        return TreeBlob.of("Twin", root -> root.memory(RAM, RAM_BYTES)
                .node("reserved-memory", TwinBoard::reserved)
                .node("soc@0", TwinBoard::soc));
    }

    private static TreeBlob reserved(TreeBlob memory) {
        return wide(memory)
                .node("firmware@40000000", node -> node.reg(FIRMWARE, FIRMWARE_BYTES).flag("no-map"))
                .node("linux,cma", node -> node.text("compatible", "shared-dma-pool")
                        .reg(CMA, CMA_BYTES)
                        .flag("reusable")
                        .flag("linux,cma-default"))
                .node("dsp-pool@50000000", node -> node.text("compatible", "shared-dma-pool")
                        .reg(DSP_POOL, DSP_POOL_BYTES)
                        .flag("no-map")
                        .cells("phandle", DSP_MEMORY));
    }

    /** CPU address 0x40000000 is device address 0 on this bus. */
    private static TreeBlob soc(TreeBlob soc) {
        return wide(soc)
                .text("compatible", "simple-bus")
                .cells("dma-ranges", 0, 0, 0, (int) RAM, 0, (int) RAM_BYTES)
                .node("video-codec@38300000", device("nxp,imx8mm-vpu-g1", 0x3830_0000))
                .node("lcd-controller@32e00000", device("fsl,imx28-lcdif", 0x32e0_0000))
                .node("iommu@38408000", node -> device("rockchip,iommu", 0x3840_8000)
                        .apply(node)
                        .cells("#iommu-cells", 0)
                        .cells("phandle", MMU))
                .node("video-codec@38400000", node ->
                        device("rockchip,rk3399-vdec", 0x3840_0000).apply(node).cells("iommus", MMU))
                .node("dsp@3b6e8000", node ->
                        device("acme,dsp", 0x3b6e_8000).apply(node).cells("memory-region", DSP_MEMORY))
                .node("video-codec@39000000", node ->
                        device("nxp,imx8mm-vpu-g1", 0x3900_0000).apply(node).text("status", "disabled"));
    }

    private static UnaryOperator<TreeBlob> device(String compatible, long registers) {
        return node -> node.text("compatible", compatible).reg(registers, 0x1_0000);
    }

    private static TreeBlob wide(TreeBlob node) {
        return node.cells("#address-cells", 2).cells("#size-cells", 2).flag("ranges");
    }
}
