// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaConstraints;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.SegmentLimits;
import java.util.List;

/**
 * What a request asked of the place besides the segment limits of its devices.
 *
 * @param page the page, or what the IOMMUs ask for where that is more, in bytes, a power of two: a compaction is not told
 *     it again
 * @param unit the unit of the first address in bytes, a power of two, at least the page
 * @param ranges the addresses that all devices reached
 */
record Footing(long page, long unit, AddressRanges ranges) {
    static Footing of(AllocationRequest request) {
        DmaConstraints needs = request.constraints();
        long page = larger(request.pageSize(), needs.granule());
        return new Footing(
                page, larger(page, larger(request.alignment(), needs.alignment())), needs.addressRanges());
    }

    static long larger(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    /** Returns whether every place of a pool that starts at a unit is the same to the devices, and suits them. */
    boolean isMetAnywhere(AddressRange pool, long byteSize, List<SegmentLimits> devices) {
        for (SegmentLimits limits : devices) {
            boolean isCrossed = limits.boundary() != -1L && ((pool.first() ^ pool.last()) & -limits.boundary()) != 0;
            if (isCrossed || Long.compareUnsigned(limits.unit(), unit) > 0 || !holds(limits, byteSize)) {
                return false;
            }
        }
        return ranges.contains(pool);
    }

    /** Returns whether one piece, which crosses no boundary, takes no more entries than a device permits. */
    private static boolean holds(SegmentLimits limits, long byteSize) {
        long entry = limits.pieceSize();
        return Long.compareUnsigned(byteSize, entry) <= 0
                || (entry != 0
                        && Long.compareUnsigned(Long.divideUnsigned(byteSize - 1, entry), limits.maxSegments()) < 0);
    }
}
