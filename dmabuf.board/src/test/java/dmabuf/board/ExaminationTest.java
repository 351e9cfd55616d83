// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Finding;
import dmabuf.api.spi.IommuService;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.SourceState;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExaminationTest {
    private static final String GROUPS = "/sys/kernel/iommu_groups/";

    @TempDir
    private Path root;

    private List<String> heaps = List.of();
    private boolean usable = true;
    private boolean full;
    private int open;

    private Path file(String path, String text) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text + "\n");
    }

    private void link(String path, String target) throws IOException {
        Path link = root.resolve(path.substring(1));
        Files.createDirectories(link.getParent());
        Files.createDirectories(root.resolve(target.substring(1)));
        Files.createSymbolicLink(link, root.resolve(target.substring(1)));
    }

    private MemoryService memory() {
        return FakeAdmin.proxy(MemoryService.class, (name, arguments) -> switch (name) {
            case "heaps" -> heaps;
            case "probe" -> new SourceState(arguments[0].toString(), usable || arguments[0] == MemorySource.MEMFD, "probed");
            case "pageSize" -> 4096L;
            case "memfd" -> page();
            case "physical" -> Optional.empty();
            case "capacity" -> 64L << 20;
            case "inUse" -> 8192L;
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private Memory page() {
        if (full) {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, "nothing left");
        }
        open++;
        return FakeAdmin.proxy(Memory.class, (name, arguments) -> {
            assertThat(name).isEqualTo("close");
            return --open;
        });
    }

    private List<String> examined() {
        List<String> lines = new Examination(memory(), new Sysfs(root)).examine().stream().map(ExaminationTest::line).toList();
        assertThat(open).as("pages").isZero();
        return lines;
    }

    private static String line(Finding finding) {
        return finding.area() + " " + finding.state() + " " + finding.subject() + ": " + finding.text();
    }

    @Test
    void aMachineThatHasNothingHasARemedyForEverything() {
        usable = false;
        assertThat(examined()).containsExactly(
                "memory MISSING heap:system: probed",
                "memory MISSING heap:reserved: probed",
                "memory MISSING udmabuf: probed",
                "memory MISSING hugepages: probed",
                "memory OK memfd: probed",
                "memory MISSING addresses: /proc/self/pagemap tells nothing: the capability CAP_SYS_ADMIN, or run as root",
                "iommu MISSING groups: no IOMMU: switch it on in the firmware, and on the kernel's command line (intel_iommu=on)",
                "devices MISSING nodes: no /dev/video* and no /dev/dri/card*: load the drivers of the board's devices",
                "limits OK memory: 8K of 64M in use (capacity of dmabuf.linux)",
                "limits OK open files: unlimited",
                "limits OK locked memory: unlimited");
    }

    @Test
    void aGuestWithHeapsAndADmaEngine() throws IOException {
        heaps = List.of("reserved", "system");
        file("/sys/module/udmabuf/parameters/size_limit_mb", "64");
        file("/sys/module/udmabuf/parameters/list_limit", "1024");
        file("/proc/self/limits", """
                Limit                     Soft Limit           Hard Limit           Units
                Max open files            1024                 4096                 files
                Max locked memory         8388608              8388608              bytes""");
        file(GROUPS + "1/type", "DMA-FQ");
        for (int i = 0; i < 3; i++) {
            link("/sys/class/video4linux/video" + i, "/sys/devices/platform/vivid.0/video4linux/video" + i);
        }
        file("/dev/video0", "");
        file("/dev/video1", "");
        assertThat(examined()).contains(
                "memory OK heap:reserved: probed",
                "memory OK udmabuf: probed; of at most 64M, in at most 1024 pieces (module parameters)",
                "memory OK hugepages: probed",
                "iommu OK groups: 1 group, none for programs; to give a device to one, write vfio-pci to its driver_override"
                        + " and its address to /sys/bus/pci/drivers_probe",
                "iommu MISSING mapping: no service: start the bundle dmabuf.linux",
                "devices OK /dev/video0 and 1 more: may be opened",
                "devices MISSING /dev/video2: there is no such file: udev makes it, or mount a devtmpfs on /dev",
                "limits MISSING open files: 1024, three for each buffer: ulimit -n 65536, LimitNOFILE= in a unit",
                "limits MISSING locked memory: 8M, less than the buffers, and mappings of VFIO count: ulimit -l unlimited,"
                        + " LimitMEMLOCK=infinity in a unit");
        file("/proc/self/status", "Name: java\nCapEff:\t000001ffffffffff\nCapBnd: 0");
        assertThat(examined()).contains("limits OK locked memory: 8M, which does not bind this user (CAP_IPC_LOCK)");
    }

    @Test
    void whatIsNeededAndDoesNotWorkFails() throws IOException {
        String engine = "/sys/devices/pci0000:00/0000:00:01.0";
        link("/sys/bus/pci/devices/0000:00:01.0", engine);
        link(engine + "/driver", "/sys/bus/pci/drivers/vfio-pci");
        link(engine + "/iommu_group", GROUPS + "1");
        link(GROUPS + "1/devices/0000:00:01.0", engine);
        full = true;
        assertThat(examined()).contains(
                "memory FAILED memfd: nothing left",
                "iommu OK groups: 1 group, 1 for programs",
                "iommu FAILED mapping: no service: start the bundle dmabuf.linux",
                "iommu OK group 1: /sys/kernel/iommu_groups/1 of 0000:00:01.0");
        IommuService iommufd = FakeAdmin.proxy(IommuService.class, (_, _) -> new SourceState("iommufd", true, "usable"));
        assertThat(new IommuFindings(Optional.of(iommufd), new Sysfs(root)).all())
                .contains(new Finding("iommu", "iommufd", Finding.State.OK, "usable"));
    }

    @Test
    void theKernelTellsItsOptions() throws IOException {
        file("/proc/sys/kernel/osrelease", "6.12.117");
        file("/boot/config-6.12.117", """
                CONFIG_UDMABUF=y
                CONFIG_VFIO_PCI=m
                # CONFIG_IOMMUFD is not set
                CONFIG_HUGETLBFS=y
                CONFIG_DMABUF_HEAPS=y
                CONFIG_DMABUF_HEAPS_SYSTEM=y""");
        assertThat(examined()).contains("kernel MISSING 6.12.117: built without CONFIG_DMABUF_HEAPS_CMA CONFIG_IOMMUFD");
        try (OutputStream config = new GZIPOutputStream(Files.newOutputStream(root.resolve("proc/config.gz")))) {
            config.write("""
                    CONFIG_UDMABUF=y
                    CONFIG_VFIO_PCI=m
                    CONFIG_IOMMUFD=m
                    CONFIG_HUGETLBFS=y
                    CONFIG_DMABUF_HEAPS=y
                    CONFIG_DMABUF_HEAPS_SYSTEM=y
                    CONFIG_DMABUF_HEAPS_CMA=y
                    """.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(examined()).contains("kernel OK 6.12.117: built with all options that sources of memory need");
    }

    @Test
    void whoMayOpenANodeIsSaidWithTheRemedy() throws IOException {
        Path node = file("/dev/video0", "");
        Files.setPosixFilePermissions(node, PosixFilePermissions.fromString("rw-r-----"));
        String group = Files.readAttributes(node, PosixFileAttributes.class).group().getName();
        assertThat(NodeFindings.denied(node)).startsWith("EACCES: ")
                .endsWith(":" + group + " rw-r-----: a udev rule with GROUP and MODE=\"0660\"");
        assertThat(NodeFindings.denied(root.resolve("dev/none"))).isEqualTo("EACCES: its folder is closed to this user");
    }
}
