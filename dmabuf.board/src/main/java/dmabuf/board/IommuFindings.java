// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.spi.Finding;
import dmabuf.api.spi.IommuService;
import dmabuf.api.spi.SourceState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether programs can map through an IOMMU, and for which devices. */
final class IommuFindings {
    private static final String AREA = "iommu";
    private static final Path GROUPS = Path.of("sys/kernel/iommu_groups");

    private final Optional<IommuService> service;
    private final Sysfs sysfs;

    IommuFindings(Optional<IommuService> service, Sysfs sysfs) {
        this.service = service;
        this.sysfs = sysfs;
    }

    List<Finding> all() {
        int groups = sysfs.list(GROUPS).size();
        if (groups == 0) {
            return List.of(new Finding(AREA, "groups", Finding.State.MISSING,
                    "no IOMMU: switch it on in the firmware, and on the kernel's command line (intel_iommu=on)"));
        }
        List<IommuGroup> programmed = new PciDevices(sysfs, ProfileTable.shipped()).domains();
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding(AREA, "groups", Finding.State.OK, groups + (groups == 1 ? " group, " : " groups, ")
                + (programmed.isEmpty()
                ? "none for programs; to give a device to one, write vfio-pci to its driver_override and its"
                        + " address to /sys/bus/pci/drivers_probe"
                : programmed.size() + " for programs")));
        findings.add(way(!programmed.isEmpty()));
        programmed.forEach(group -> findings.add(access(group)));
        return findings;
    }

    /** What is needed and does not work is a failure; what nobody needs is only missing. */
    private Finding way(boolean needed) {
        SourceState state = service.map(IommuService::state)
                .orElse(new SourceState("mapping", false, "no service: start the bundle dmabuf.linux"));
        Finding.State otherwise = needed ? Finding.State.FAILED : Finding.State.MISSING;
        return new Finding(AREA, state.name(), state.isUsable() ? Finding.State.OK : otherwise, state.text());
    }

    private Finding access(IommuGroup group) {
        Path node = sysfs.real(Path.of("dev/vfio", group.number()));
        boolean opens = !Files.exists(node) || (Files.isReadable(node) && Files.isWritable(node));
        String text = group + " of " + devices(group);
        return new Finding(
                AREA, "group " + group.number(), opens ? Finding.State.OK : Finding.State.FAILED,
                opens ? text : text + ": " + NodeFindings.denied(node));
    }

    private String devices(IommuGroup group) {
        return String.join(" ", sysfs.list(Path.of(group.name().substring(1), "devices")).stream()
                .map(device -> device.getFileName().toString())
                .toList());
    }
}
