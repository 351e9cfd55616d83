// SPDX-License-Identifier: Apache-2.0
package allocator.bestfit;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.PoolBooks;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes each piece from the smallest free block that holds it, so that the large blocks last. What the allocator before
 * it left in the same pool is claimed: its books start empty, and are right all the same.
 */
final class BestFitAllocator implements Allocator {
    private final AddressRange pool;
    private final Optional<String> owner;
    private final PoolBooks books;

    BestFitAllocator(AddressRange pool, Optional<String> owner) {
        this.pool = pool;
        this.owner = owner;
        this.books = PoolBooks.of(AddressRanges.of(pool));
    }

    @Override
    public boolean match(Participant device) {
        boolean permitted = owner.isEmpty()
                || device.path().constraints().pools().filter(pools -> pools.contains(owner.get())).isPresent();
        boolean reached = device.path().iommu().isPresent() || !device.path().reachable().intersect(pool).isEmpty();
        return permitted && reached;
    }

    @Override
    public synchronized Allocation allocate(AllocationRequest request) {
        try {
            List<Segment> place = List.of(bestFit(request)
                    .orElseThrow(() -> books.refusal(request.storageSize(), 0, "not in one piece for these devices")));
            Memory memory = request.memory(request.storageSize());
            return Allocation.of(memory, place).withCookie(books.open(place));
        } catch (DmaBufException e) {
            books.failed(e);
            throw e;
        }
    }

    private Optional<Segment> bestFit(AllocationRequest request) {
        return books.free().within(request.constraints().addressRanges()).stream()
                .sorted(Comparator.comparing(AddressRange::byteSize, Long::compareUnsigned))
                .flatMap(block -> Placement.claimed(List.of(block), request).stream())
                .findFirst();
    }

    @Override
    public synchronized void release(Allocation allocation) {
        books.close(allocation.cookie());
    }

    @Override
    public synchronized AllocatorStatistics statistics() {
        return books.statistics();
    }

    @Override
    public Map<String, String> describe() {
        return Map.of("pool", pool.toString(), "policy", "best fit");
    }
}
