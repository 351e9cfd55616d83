// SPDX-License-Identifier: Apache-2.0
package itests;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes small flattened device trees, so that the tests need neither dtc nor binaries. */
final class TinyTree {
    private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> names = new LinkedHashMap<>();

    /** One block with DMA, behind a bus that shifts its addresses by 1 GiB, or behind an IOMMU. */
    static byte[] codecBoard(boolean iommu) {
        TinyTree tree = new TinyTree().begin("").cells("#address-cells", 1).cells("#size-cells", 1)
                .text("model", "A tiny board").text("compatible", "tiny,board");
        tree.begin("memory@40000000").text("device_type", "memory").cells("reg", 0x40000000, 0x20000000).end();
        tree.begin("soc").text("compatible", "simple-bus").cells("#address-cells", 1).cells("#size-cells", 1)
                .cells("ranges").cells("dma-ranges", 0, 0x40000000, 0x20000000);
        tree.begin("codec@1000").text("compatible", "nxp,imx8mm-vpu-g1").cells("reg", 0x1000, 0x1000);
        if (iommu) {
            tree.cells("iommus", 1).end().begin("iommu@2000").text("compatible", "rockchip,iommu")
                    .cells("reg", 0x2000, 0x100).cells("#iommu-cells", 0).cells("phandle", 1);
        }
        return tree.end().end().end().blob();
    }

    private TinyTree begin(String name) {
        return cell(1).padded((name + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    private TinyTree end() {
        return cell(2);
    }

    private TinyTree cells(String name, int... cells) {
        ByteBuffer value = ByteBuffer.allocate(cells.length * Integer.BYTES);
        for (int cell : cells) {
            value.putInt(cell);
        }
        return property(name, value.array());
    }

    private TinyTree text(String name, String value) {
        return property(name, (value + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    private TinyTree property(String name, byte[] value) {
        return cell(3).cell(value.length).cell(names.computeIfAbsent(name, this::intern)).padded(value);
    }

    private int intern(String name) {
        int offset = strings.size();
        strings.writeBytes((name + "\0").getBytes(StandardCharsets.US_ASCII));
        return offset;
    }

    private TinyTree cell(int cell) {
        structure.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(cell).array());
        return this;
    }

    private TinyTree padded(byte[] bytes) {
        structure.writeBytes(bytes);
        structure.writeBytes(new byte[-bytes.length & 3]);
        return this;
    }

    private byte[] blob() {
        cell(9);
        int structureStart = 56;
        int stringsStart = structureStart + structure.size();
        ByteBuffer blob = ByteBuffer.allocate(stringsStart + strings.size());
        blob.putInt(0xd00dfeed).putInt(blob.capacity()).putInt(structureStart).putInt(stringsStart).putInt(40);
        blob.putInt(17).putInt(16).putInt(0).putInt(strings.size()).putInt(structure.size());
        return blob.putLong(0).putLong(0).put(structure.toByteArray()).put(strings.toByteArray()).array();
    }
}
