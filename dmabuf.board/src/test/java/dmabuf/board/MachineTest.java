// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.spi.Board;
import dmabuf.api.spi.Board.BoardAllocator;
import dmabuf.api.spi.Board.BoardDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    private static final String BUS = "/sys/devices/pci0000:00/";

    @TempDir
    private Path root;

    private Board board(String... rows) {
        return new Machine(new Sysfs(root), ProfileTable.shipped().with(List.of(rows))).board(Optional.empty());
    }

    private Path file(String path, String text) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text.endsWith("\0") ? text : text + "\n");
    }

    private void link(String path, String target) throws IOException {
        Path link = root.resolve(path.substring(1));
        Files.createDirectories(link.getParent());
        Files.createDirectories(root.resolve(target.substring(1)));
        Files.createSymbolicLink(link, root.resolve(target.substring(1)));
    }

    private void pci(String slot, String classCode, String mask, String coherentMask) throws IOException {
        link("/sys/bus/pci/devices/" + slot, BUS + slot);
        file(BUS + slot + "/class", classCode);
        file(BUS + slot + "/vendor", "0x8086");
        file(BUS + slot + "/device", "0x1234");
        file(BUS + slot + "/dma_mask_bits", mask);
        file(BUS + slot + "/consistent_dma_mask_bits", coherentMask);
    }

    private static BoardDevice device(Board board, String name) {
        return board.devices().stream().filter(device -> device.device().name().equals(name)).findFirst().orElseThrow();
    }

    private static Map<String, String> configuration(Board board, String id) {
        return board.allocators().stream().filter(allocator -> allocator.spec().id().equals(id)).findFirst()
                .map(BoardAllocator::configuration).orElseThrow();
    }

    @Test
    void pciDevicesAreBoundedByTheirMappingMask() throws IOException {
        pci("0000:00:00.0", "0x060000", "32", "32");
        pci("0000:00:02.0", "0x030000", "39", "32");
        pci("0000:00:03.0", "0x020000", "64", "64");
        link(BUS + "0000:00:02.0/driver", "/sys/bus/pci/drivers/i915");
        Board board = board();
        assertThat(board.devices()).as("bridges are none").hasSize(2);
        BoardDevice display = device(board, BUS + "0000:00:02.0");
        assertThat(display.device().paths().getFirst().maskBits()).hasValue(39);
        assertThat(display.properties())
                .containsEntry("path", BUS + "0000:00:02.0")
                .containsEntry("family", "i915")
                .containsEntry("function", new String[] {"display"})
                .containsEntry("compatible", new String[] {"pci8086,1234", "pciclass,030000"});
        assertThat(device(board, BUS + "0000:00:03.0").properties()).doesNotContainKeys("function", "family");
    }

    @Test
    void theCoherentMaskCountsOnlyWhereCoherentMemoryIsRequired() throws IOException {
        pci("0000:00:02.0", "0x030000", "39", "32");
        Board board = board("pci8086,1234 | ours | camera | coherent | test");
        assertThat(device(board, BUS + "0000:00:02.0").device().paths().getFirst().maskBits()).hasValue(32);
    }

    @Test
    void whatAProfileKnowsNarrowsTheMask() throws IOException {
        pci("0000:00:02.0", "0x00ff00", "32", "32");
        Board board = board("pci8086,1234 | edu | dma | maskBits=28 maxSegments=1 | QEMU's docs/specs/edu.rst");
        assertThat(device(board, BUS + "0000:00:02.0").device().paths().getFirst())
                .hasToString("maskBits=28 dmaCoherent maxSegments=1");
    }

    @Test
    void anIommuGroupIsADomainUnlessItPassesAllThrough() throws IOException {
        pci("0000:00:02.0", "0x030000", "64", "64");
        pci("0000:00:03.0", "0x020000", "64", "64");
        link(BUS + "0000:00:02.0/iommu_group", "/sys/kernel/iommu_groups/7");
        link(BUS + "0000:00:03.0/iommu_group", "/sys/kernel/iommu_groups/8");
        file("/sys/kernel/iommu_groups/7/type", "DMA-FQ");
        file("/sys/kernel/iommu_groups/7/reserved_regions", "0x00000000fee00000 0x00000000feefffff msi\n"
                + "0x0000000000000000 0x00000000001fffff direct");
        file("/sys/kernel/iommu_groups/8/type", "identity");
        Board board = board();
        assertThat(device(board, BUS + "0000:00:02.0").device().paths().getFirst().iommu())
                .contains("/sys/kernel/iommu_groups/7");
        assertThat(device(board, BUS + "0000:00:03.0").device().paths().getFirst().iommu()).isEmpty();
        assertThat(configuration(board, "iommu"))
                .containsEntry("domains", "/sys/kernel/iommu_groups/7")
                .containsEntry("aperture", "0x100000..0xffffffff")
                .containsEntry("reserved", "0x0..0x1fffff,0xfee00000..0xfeefffff");
    }

    @Test
    void aMachineWithoutATreeIsAModelOfItself() throws IOException {
        file("/proc/meminfo", "MemTotal:        8388608 kB\nMemFree: 1 kB");
        file("/sys/class/dmi/id/product_name", "Laptop");
        Board board = board();
        assertThat(board.model()).isEqualTo("Laptop");
        assertThat(configuration(board, "system"))
                .containsEntry("ram", "0x100000..0x7bffffff,0x100000000..0x2800fffff");
        assertThat(configuration(board, "contig")).containsEntry("base", Long.toString(0x7c00_0000L));
    }

    @Test
    void aLiveTreeGivesItsDevicesAndTheirFiles() throws IOException {
        String base = "/sys/firmware/devicetree/base";
        file(base + "/model", "Live");
        file(base + "/codec@1000/compatible", "rockchip,rk3399-vdec\0");
        link("/proc/device-tree", base);
        for (String video : List.of("video10", "video2")) {
            link("/sys/class/video4linux/" + video, "/sys/devices/platform/codec/" + video);
            Files.createSymbolicLink(
                    root.resolve("sys/devices/platform/codec/" + video + "/device"),
                    root.resolve("sys/devices/platform/codec"));
        }
        link("/sys/devices/platform/codec/of_node", base + "/codec@1000");
        pci("0000:00:02.0", "0x030000", "64", "64");
        link("/sys/class/drm/card0", BUS + "0000:00:02.0/drm/card0");
        link("/sys/class/drm/card0-DP-1", BUS + "0000:00:02.0/drm/card0-DP-1");
        Files.createSymbolicLink(
                root.resolve((BUS + "0000:00:02.0/drm/card0/device").substring(1)),
                root.resolve((BUS + "0000:00:02.0").substring(1)));
        Board board = board();
        assertThat(board.devices()).extracting(device -> device.device().name())
                .containsExactly("/codec@1000", BUS + "0000:00:02.0");
        assertThat(device(board, "/codec@1000").properties())
                .as("the lowest number").containsEntry("node", "/dev/video2");
        assertThat(device(board, BUS + "0000:00:02.0").properties()).containsEntry("node", "/dev/dri/card0");
        assertThat(board.nodes()).hasSize(1);
    }
}
