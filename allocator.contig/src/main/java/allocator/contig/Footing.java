// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRanges;
import dmabuf.api.spi.AllocationRequest;

/**
 * What a request asked of the place besides the devices' own limits: the page, and what the IOMMUs ask, which a
 * compaction is not told again.
 *
 * @param unit the unit of the first address in bytes, a power of two
 * @param ranges the addresses that all devices reached
 */
record Footing(long unit, AddressRanges ranges) {
    static Footing of(AllocationRequest request) {
        long granule = request.constraints().granule();
        return new Footing(
                Long.compareUnsigned(granule, request.pageSize()) > 0 ? granule : request.pageSize(),
                request.constraints().addressRanges());
    }
}
