// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.spi.Mapper;

/**
 * What a mapper states of its IOMMU; see {@link Mapper}.
 *
 * @param granule the page size of the IOMMU in bytes, a power of two
 * @param aperture the I/O virtual addresses that it hands out
 * @param output the CPU physical addresses that it can put out
 * @param mapsHeapMemory whether it maps memory of a heap
 */
public record MapperFacts(long granule, AddressRanges aperture, AddressRange output, boolean mapsHeapMemory) {
    /** An IOMMU that limits nothing: what stands in where no mapper is present, or where it is not to blame. */
    static final MapperFacts IDEAL = new MapperFacts(1, AddressRanges.ALL, AddressRange.ALL);

    /** Returns the facts of a mapper that maps any memory. */
    public MapperFacts(long granule, AddressRanges aperture, AddressRange output) {
        this(granule, aperture, output, true);
    }

    /** Asks a mapper, which is foreign code, for its facts. */
    public static MapperFacts of(Mapper mapper) {
        return new MapperFacts(mapper.granule(), mapper.aperture(), mapper.output(), mapper.mapsHeapMemory());
    }
}
