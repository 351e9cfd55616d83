// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;

/**
 * Why a device node cannot be opened, with what helps: who may open it where that is denied, and what the kernel lacks
 * where there is no such node.
 */
final class DeviceNode {
    /** What brings a node, by the end of its path without the number or name of one of several; the first that fits. */
    private static final List<Need> NEEDS = List.of(
            new Need("dma_heap/system", "kernel option CONFIG_DMABUF_HEAPS_SYSTEM, or modprobe system_heap"),
            new Need("dma_heap/", "kernel option CONFIG_DMABUF_HEAPS_CMA, and an area, for example cma=64M on its"
                    + " command line"),
            new Need("udmabuf", "kernel option CONFIG_UDMABUF, or modprobe udmabuf"),
            new Need("iommu", "kernel option CONFIG_IOMMUFD, or modprobe iommufd"),
            new Need("vfio/vfio", "kernel option CONFIG_VFIO_CONTAINER, or modprobe vfio_iommu_type1"),
            new Need("vfio/devices/", "kernel option CONFIG_VFIO_DEVICE_CDEV"),
            new Need("vfio/", "bind the devices of the group to the driver vfio-pci"));

    private record Need(String below, String remedy) {}

    private DeviceNode() {}

    /** Returns the error of an open(2) that answered an errno. */
    static DmaBufException failure(Path node, int errno) {
        return Errno.of(errno)
                .map(known -> known.failure(node.toString(), help(node, known)))
                .orElseGet(() -> Errno.failure("open(" + node + ")", errno));
    }

    private static String help(Path node, Errno errno) {
        return switch (errno) {
            case EACCES, EPERM -> owner(node);
            case ENOENT, ENXIO, ENODEV -> need(node);
            case EBUSY -> "another process or driver has it open";
            default -> "open failed";
        };
    }

    private static String need(Path node) {
        String path = node.toString();
        return NEEDS.stream()
                .filter(need -> need.below.endsWith("/") ? path.contains("/" + need.below)
                        : path.endsWith("/" + need.below))
                .findFirst()
                .map(Need::remedy)
                .orElse("there is no such file");
    }

    /** Owner, group and mode, and what to do about them. */
    private static String owner(Path node) {
        try {
            PosixFileAttributes file = Files.readAttributes(node, PosixFileAttributes.class);
            String owned = "owned by " + file.owner().getName() + ":" + file.group().getName() + ", mode "
                    + String.format("%04o", (int) Files.getAttribute(node, "unix:mode") & 07777) + ": ";
            boolean forGroup = !file.group().getName().equals("root")
                    && file.permissions().contains(PosixFilePermission.GROUP_READ)
                    && file.permissions().contains(PosixFilePermission.GROUP_WRITE);
            return owned + (forGroup
                    ? "add the user to the group " + file.group().getName()
                    : "give a group access, by a udev rule with GROUP and MODE=\"0660\"");
        } catch (IOException e) {
            return "its folder cannot be read by this user either";
        }
    }
}
