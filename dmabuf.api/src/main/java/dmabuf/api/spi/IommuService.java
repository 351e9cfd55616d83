// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The address spaces of IOMMU groups whose devices are driven from user space; implemented by the bundle dmabuf.linux
 * through iommufd (Documentation/userspace-api/iommufd.rst), else VFIO type 1 (Documentation/driver-api/vfio.rst).
 */
@ProviderType
public interface IommuService {
    /** What the domain of a group is called before its number, and where Linux shows it. */
    String GROUPS = "/sys/kernel/iommu_groups/";

    /** Returns which way is taken, {@code iommufd} or {@code vfio-type1}, or why there is none. Opens the nodes. */
    SourceState state();

    /**
     * Opens the address space of a group: one for all who open it. Blocks for a few system calls.
     *
     * @param group the number of the group, the name of its folder in /sys/kernel/iommu_groups
     * @throws dmabuf.api.DmaBufException INVALID for a group that is not there; ACCESS when a node is denied or a device
     *     of the group has another driver; BUSY when another process has it; the message names what and the remedy
     */
    IommuSpace open(String group);
}
