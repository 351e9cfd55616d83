// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;

/**
 * What an IOMMU can do, the same for each of its domains.
 *
 * @param granule its page size in bytes, a power of two
 * @param aperture the I/O virtual addresses that it hands out, without the reserved ones
 * @param output the CPU physical addresses that it can put out
 */
record DomainShape(long granule, AddressRanges aperture, AddressRange output) {}
