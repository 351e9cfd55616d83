// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An I/O virtual address space that devices of a board sit in.
 *
 * @param name the name by which devices name it
 * @param granule the page of its IOMMU in bytes, a power of two; 1 where that is not known
 * @param aperture what its IOMMU hands out, where that is known
 * @param outputBits the bits of a CPU address that its IOMMU can put out, where that is known
 * @param reserved I/O virtual addresses that no mapping may use
 */
record IommuDomain(
        String name,
        long granule,
        Optional<AddressRange> aperture,
        OptionalInt outputBits,
        AddressRanges reserved) {
    /** Returns a domain of which only the reserved addresses are known. */
    static IommuDomain of(String name, AddressRanges reserved) {
        return new IommuDomain(name, 1, Optional.empty(), OptionalInt.empty(), reserved);
    }
}
