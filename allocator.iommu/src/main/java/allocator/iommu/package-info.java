// SPDX-License-Identifier: Apache-2.0
/** System memory behind an IOMMU, and the mapper of its domains. */
@NullMarked
package allocator.iommu;

import org.jspecify.annotations.NullMarked;
