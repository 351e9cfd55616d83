// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import java.util.Optional;

/**
 * An I/O virtual address space that devices of a board sit in.
 *
 * @param name the name by which devices name it
 * @param aperture what its IOMMU hands out, where that is known
 * @param output the CPU addresses that its IOMMU can put out, where that is known
 * @param reserved I/O virtual addresses that no mapping may use
 */
record IommuDomain(
        String name, Optional<AddressRange> aperture, Optional<AddressRange> output, AddressRanges reserved) {}
