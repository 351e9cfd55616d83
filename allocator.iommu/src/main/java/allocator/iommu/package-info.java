// SPDX-License-Identifier: Apache-2.0

/**
 * System memory behind an IOMMU, and the mapper of each of its domains, on the board model. Configured by the PID
 * {@code allocator.iommu}; {@link allocator.iommu.IommuFactory} makes the same for sandboxes.
 */
@NullMarked
package allocator.iommu;

import org.jspecify.annotations.NullMarked;
