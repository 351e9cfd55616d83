// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.Quantity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The devices of the running machine that an IOMMU cannot tell apart.
 *
 * <p>Source: Documentation/ABI/testing/sysfs-kernel-iommu_groups in Linux.
 *
 * @param name the folder, which is the name of the domain as well: {@code /sys/kernel/iommu_groups/N}
 * @param type how the kernel maps for its own drivers: {@code identity} passes all through; empty where it does not say
 * @param real whether there is an IOMMU: vfio makes groups without one where it is told that this is safe
 * @param reserved I/O virtual addresses that no mapping may use
 */
record IommuGroup(String name, String type, boolean real, AddressRanges reserved) {
    /** Reads the folder of a group, at its real place. */
    static IommuGroup read(Sysfs sysfs, Path folder) {
        String type = sysfs.text(folder.resolve("type")).orElse("");
        boolean real = !sysfs.text(folder.resolve("name")).orElse("").equals("vfio-noiommu");
        return new IommuGroup(sysfs.name(folder), type, real, reserved(sysfs, folder));
    }

    /** Returns the number by which vfio knows it. */
    String number() {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** Returns whether the kernel maps what its own drivers are given. */
    boolean isTranslating() {
        return real && !type.equals("identity");
    }

    /** Returns the group on one line. */
    @Override
    public String toString() {
        return name + (type.isEmpty() ? "" : " " + type) + (reserved.isEmpty() ? "" : " reserved=" + reserved);
    }

    private static AddressRanges reserved(Sysfs sysfs, Path folder) {
        List<AddressRange> ranges = new ArrayList<>();
        for (String line : sysfs.text(folder.resolve("reserved_regions")).orElse("").lines().toList()) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length >= 2) {
                ranges.add(new AddressRange(Quantity.parse(words[0]), Quantity.parse(words[1])));
            }
        }
        return FreeMemory.union(ranges);
    }
}
