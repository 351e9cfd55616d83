// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** An IOMMU group as sysfs shows it: the devices that the IOMMU cannot tell apart, and their drivers. Read at each call. */
final class IommuGroup {
    private static final String GROUPS = "sys/kernel/iommu_groups";
    private static final String VFIO_PCI = "vfio-pci";

    private final Path root;
    private final String number;

    private IommuGroup(Path root, String number) {
        this.root = root;
        this.number = number;
    }

    /** Returns a group by its number; INVALID when it is not there, ACCESS when there is none at all. */
    static IommuGroup of(Path root, String number) {
        List<String> all = names(root.resolve(GROUPS));
        if (all.isEmpty()) {
            throw new DmaBufException(Reason.ACCESS, noGroups(root));
        }
        if (!all.contains(number)) {
            throw new DmaBufException(
                    Reason.INVALID, "there is no IOMMU group " + number + " in " + root.resolve(GROUPS) + ", but " + all);
        }
        return new IommuGroup(root, number);
    }

    /** Returns whether the machine has any group. */
    static boolean isAny(Path root) {
        return !names(root.resolve(GROUPS)).isEmpty();
    }

    /** Returns why there is no group, and what helps. */
    static String noGroups(Path root) {
        return "no IOMMU groups in " + root.resolve(GROUPS) + ": no IOMMU, or it is off: add intel_iommu=on to the kernel"
                + " command line (Intel), enable it in the firmware (AMD), or CONFIG_ARM_SMMU, CONFIG_ARM_SMMU_V3 (Arm)";
    }

    String number() {
        return number;
    }

    /** Returns the node of VFIO's groups. */
    String node() {
        return root.resolve("dev/vfio").resolve(number).toString();
    }

    /** Returns the addresses of all devices, sorted. */
    List<String> devices() {
        return names(root.resolve(GROUPS).resolve(number).resolve("devices"));
    }

    /** Returns the devices that the driver vfio-pci has; ACCESS, with what has them instead, when it has none. */
    List<String> userDevices() {
        List<String> bound = devices().stream()
                .filter(device -> driver(device).equals(VFIO_PCI))
                .toList();
        if (bound.isEmpty()) {
            throw new DmaBufException(Reason.ACCESS, this + ": no device has the driver vfio-pci: " + drivers());
        }
        return bound;
    }

    private String drivers() {
        return String.join("; ", devices().stream().map(this::remedy).toList());
    }

    /** What binds a device to vfio-pci: Documentation/ABI/testing/sysfs-bus-pci, driver_override. */
    private String remedy(String device) {
        String driver = driver(device);
        String unbind = driver.isEmpty() ? "" : device + " to " + folder(device).resolve("driver/unbind") + ", ";
        return device + " has " + (driver.isEmpty() ? "none" : driver) + " (write vfio-pci to "
                + folder(device).resolve("driver_override") + ", " + unbind + device + " to "
                + root.resolve("sys/bus/pci/drivers_probe") + ")";
    }

    /** Returns the node of a device for iommufd; ACCESS where the kernel has no such nodes. */
    String deviceNode(String device) {
        return names(folder(device).resolve("vfio-dev")).stream()
                .findFirst()
                .map(name -> root.resolve("dev/vfio/devices").resolve(name).toString())
                .orElseThrow(() -> new DmaBufException(
                        Reason.ACCESS,
                        this + ": " + device + " has no node of its own: kernel option CONFIG_VFIO_DEVICE_CDEV"));
    }

    private String driver(String device) {
        try {
            return folder(device).resolve("driver").toRealPath().getFileName().toString();
        } catch (IOException e) {
            return "";
        }
    }

    private Path folder(String device) {
        return root.resolve("sys/bus/pci/devices").resolve(device);
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    @Override
    public String toString() {
        return "IOMMU group " + number;
    }
}
