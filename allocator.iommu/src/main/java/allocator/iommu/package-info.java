// SPDX-License-Identifier: Apache-2.0

/**
 * System memory behind an IOMMU, and the mapper of each of its domains: a group of the running machine is mapped by the
 * kernel, a domain of a device tree on the board model. Configured by the PID {@code allocator.iommu};
 * {@link allocator.iommu.IommuFactory} makes what the model has for sandboxes.
 */
@NullMarked
package allocator.iommu;

import org.jspecify.annotations.NullMarked;
