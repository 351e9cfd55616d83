// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AddressRanges;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Board.BoardAllocator;
import dmabuf.api.spi.Board.BoardDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

    private void bound(String slot, String driver) throws IOException {
        link(BUS + slot + "/driver", "/sys/bus/pci/drivers/" + driver);
    }

    /** QEMU's DMA engine behind Intel's IOMMU, as Linux 6.12 shows it. */
    private void dmaEngine() throws IOException {
        pci("0000:00:01.0", "0x00ff00", "32", "32");
        file(BUS + "0000:00:01.0/vendor", "0x1234");
        file(BUS + "0000:00:01.0/device", "0x11e8");
        link(BUS + "0000:00:01.0/iommu_group", "/sys/kernel/iommu_groups/1");
        file("/sys/kernel/iommu_groups/1/type", "DMA-FQ");
        file("/sys/kernel/iommu_groups/1/reserved_regions", "0x00000000fee00000 0x00000000feefffff msi");
    }

    private void media(String entry, String device, @Nullable String driver) throws IOException {
        link("/sys/class/" + entry, device + "/" + entry);
        Files.createSymbolicLink(
                root.resolve((device + "/" + entry + "/device").substring(1)), root.resolve(device.substring(1)));
        if (driver != null && !Files.exists(root.resolve(device.substring(1)).resolve("driver"))) {
            link(device + "/driver", "/sys/bus/any/drivers/" + driver);
        }
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
    void whatSysfsSaysAndWhatTheProfileKnowsStandSideBySide() throws IOException {
        dmaEngine();
        BoardDevice engine = device(board(), BUS + "0000:00:01.0");
        assertThat(engine.properties())
                .containsEntry("sysfs", "maskBits=32 driver=none iommuGroup=1")
                .containsEntry("profile", "pci1234,11e8 maskBits=28")
                .containsEntry("iommuGroup", "/sys/kernel/iommu_groups/1 DMA-FQ reserved=0xfee00000..0xfeefffff")
                .containsEntry("family", "edu")
                .containsEntry("function", new String[] {"dma"})
                .hasEntrySatisfying("profileSource", source -> assertThat(source.toString()).startsWith("QEMU hw/misc/edu.c"));
        assertThat(engine.device().paths()).as("nobody drives it: no domain").hasToString("[maskBits=28 dmaCoherent]");
        assertThat(board("pci1234,11e8 | edu | dma | maskBits=36 | with dma_mask=").devices().getFirst().device().paths())
                .as("32 bits are the kernel's guess where no driver spoke").hasToString("[maskBits=36 dmaCoherent]");
    }

    @Test
    void aDeviceThatAProgramDrivesSitsInTheDomainOfItsGroup() throws IOException {
        dmaEngine();
        bound("0000:00:01.0", "vfio-pci");
        Board board = board();
        assertThat(device(board, BUS + "0000:00:01.0").device().paths())
                .hasToString("[maskBits=28 iommu=/sys/kernel/iommu_groups/1 dmaCoherent]");
        assertThat(configuration(board, "iommu"))
                .containsEntry("domains", "/sys/kernel/iommu_groups/1")
                .containsEntry("aperture", "0x100000..0xffffffff")
                .containsEntry("reserved", "0xfee00000..0xfeefffff");
        file("/sys/kernel/iommu_groups/1/type", "identity");
        assertThat(configuration(board(), "iommu")).as("vfio translates also then").containsKey("domains");
        file("/sys/kernel/iommu_groups/1/name", "vfio-noiommu");
        Board without = board();
        assertThat(device(without, BUS + "0000:00:01.0").device().paths()).hasToString("[maskBits=28 dmaCoherent]");
        assertThat(without.allocators()).extracting(each -> each.spec().id()).doesNotContain("iommu");
    }

    @Test
    void whatTheKernelDrivesItAlsoMaps() throws IOException {
        dmaEngine();
        bound("0000:00:01.0", "mine");
        String row = "pci1234,11e8 | edu | dma | maskBits=28 maxSegments=1 coherent | test";
        assertThat(board(row).devices().getFirst().device().paths()).hasToString("[dmaCoherent coherent]");
        assertThat(board(row).allocators()).extracting(each -> each.spec().id()).doesNotContain("iommu");
        file("/sys/kernel/iommu_groups/1/type", "identity");
        assertThat(board(row).devices().getFirst().device().paths())
                .hasToString("[maskBits=28 dmaCoherent maxSegments=1 coherent]");
    }

    @Test
    void ofVideoDevicesWithoutATreeEachInstanceIsOne() throws IOException {
        String[] names = {"vivid-000-vid-cap", "vivid-000-vid-out", "vivid-001-vid-cap", "vivid-001-meta-cap"};
        for (int i = 0; i < names.length; i++) {
            media("video4linux/video" + i, "/sys/devices/platform/vivid.0", "vivid");
            file("/sys/devices/platform/vivid.0/video4linux/video" + i + "/name", names[i]);
        }
        file("/sys/module/vivid/parameters/allocators", "0,1,0,0");
        file("/sys/module/vivid/parameters/n_devs", "2");
        media("drm/card0", "/sys/devices/platform/vgem", null);
        media("video4linux/video9", "/sys/devices/pci0/usb1/1-1/1-1:1.0", "unheard");
        pci("0000:00:05.0", "0x030000", "64", "64");
        media("drm/card1", BUS + "0000:00:05.0/virtio2", "virtio_gpu");
        link(BUS + "0000:00:05.0/virtio2/subsystem", "/sys/bus/virtio");
        Board board = board();
        assertThat(board.devices()).extracting(each -> each.properties().get("node") + " " + each.device().paths())
                .containsExactlyInAnyOrder(
                        "/dev/video0 [dmaCoherent]", "/dev/video2 [maskBits=32 dmaCoherent maxSegments=1]",
                        "/dev/dri/card0 [dmaCoherent]", "/dev/video9 [dmaCoherent]",
                        "/dev/dri/card1 [maskBits=64 dmaCoherent]");
        assertThat(device(board, "/sys/devices/platform/vivid.0/video4linux/video2").properties())
                .containsEntry("family", "vivid")
                .containsEntry("function", new String[] {"camera"})
                .containsEntry("sysfs", "driver=vivid")
                .containsEntry("profile", "driver:vivid:allocators=1 maskBits=32 maxSegments=1");
        assertThat(device(board, "/sys/devices/platform/vgem/drm/card0").properties()).containsEntry("family", "vgem");
    }

    @Test
    void theFirmwareTellsWhereRamIs() throws IOException {
        String[] map = {"0x0 0x9fbff System RAM", "0x9fc00 0x9ffff Reserved", "0x100000 0x7ffdffff System RAM",
            "0x7ffe0000 0x7fffffff Reserved", "junk 0x1 System RAM"};
        for (int i = 0; i < map.length; i++) {
            String[] words = map[i].split(" ", 3);
            file("/sys/firmware/memmap/" + i + "/start", words[0]);
            file("/sys/firmware/memmap/" + i + "/end", words[1]);
            file("/sys/firmware/memmap/" + i + "/type", words[2]);
        }
        assertThat(configuration(board(), "system"))
                .as("whole pages, without the default pool").containsEntry("ram", "0x0..0x9efff,0x100000..0x7bfdffff");
        assertThat(configuration(board(), "contig"))
                .as("where a heap that is no pool may lie").containsEntry("ram", "0x0..0x9efff,0x100000..0x7ffdffff");
    }

    @Test
    void elseTheKernelTellsItToRoot() throws IOException {
        file("/proc/iomem", "00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n"
                + "00100000-7ffdffff : System RAM\n  01000000-01ffffff : Kernel code");
        assertThat(configuration(board(), "system")).containsEntry("ram", "0x1000..0x9efff,0x100000..0x7bfdffff");
        file("/proc/iomem", "00000000-00000000 : System RAM\n00000000-00000000 : System RAM");
        assertThat(configuration(board(), "system")).as("what others see says nothing").doesNotContainKey("ram");
    }

    @Test
    void ramThatNobodyToldIsNoPlaceOfRealMemory() throws IOException {
        dmaEngine();
        bound("0000:00:01.0", "vfio-pci");
        Board board = board();
        assertThat(board.allocators()).extracting(allocator -> allocator.spec().id()).containsExactly("contig", "system", "iommu");
        assertThat(board.allocators())
                .allSatisfy(allocator -> assertThat(allocator.configuration()).doesNotContainKey("ram"));
        AddressRanges stated = AddressRanges.parse("0x40000000..0x7fffffff");
        Board told = new Machine(new Sysfs(root), ProfileTable.shipped()).board(Optional.of(stated));
        assertThat(configuration(told, "system")).containsEntry("ram", "0x40000000..0x7bffffff");
    }

    @Test
    void aLiveTreeWithoutMemoryDoesNotSayWhereRamIs() throws IOException {
        String base = "/sys/firmware/devicetree/base";
        file(base + "/model", "Booted by EFI");
        link("/proc/device-tree", base);
        assertThat(configuration(board(), "system")).doesNotContainKey("ram");
        file("/proc/iomem", "40000000-7fffffff : System RAM");
        assertThat(configuration(board(), "system")).containsEntry("ram", "0x40000000..0x7bffffff");
    }

    @Test
    void aMachineWithoutATreeIsAModelOfItself() throws IOException {
        file("/proc/meminfo", "MemTotal:        8388608 kB\nMemFree: 1 kB");
        file("/sys/class/dmi/id/product_name", "Laptop");
        Board board = board();
        assertThat(board.model()).isEqualTo("Laptop");
        assertThat(configuration(board, "system")).isEmpty();
        assertThat(configuration(board, "contig")).doesNotContainKey("ram").containsEntry("base", Long.toString(0x7c00_0000L));
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
