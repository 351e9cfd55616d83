// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.PlacementPromise;
import dmabuf.api.spi.ScatteredPages;
import dmabuf.api.spi.SegmentFit;
import dmabuf.api.spi.SourceTaker;

/**
 * Takes one piece: of a CMA heap, which promises it (drivers/dma-buf/heaps/cma_heap.c: cma_alloc of all pages), or of huge
 * pages that turn out to be neighbours. A heap of the pool lies in the pool, any other memory somewhere in RAM.
 */
final class PoolPages implements SourceTaker {
    private final ContigSettings settings;
    private final MemoryService memory;
    private final HugeRun hugeRun;

    PoolPages(ContigSettings settings, MemoryService memory) {
        this.settings = settings;
        this.memory = memory;
        this.hugeRun = new HugeRun(memory, settings.ram());
    }

    @Override
    public Allocation take(MemorySource source, AllocationRequest request) {
        return switch (source.kind()) {
            case HEAP -> ofHeap(source, request);
            case HUGE_PAGES, HUGE_UDMABUF -> hugeRun.take(source, request);
            case MEMFD, UDMABUF -> throw new DmaBufException(Reason.INCOMPATIBLE, source + " is never one piece");
        };
    }

    private Allocation ofHeap(MemorySource source, AllocationRequest request) {
        ScatteredPages.refuseForeignMapping(request);
        PlacementPromise promise = new PlacementPromise(-1L, memory.pageSize(), where(source));
        SegmentFit.check(promise, request);
        return Allocation.unplaced(request.memory(source, request.storageSize()), request.storageSize(), promise);
    }

    private AddressRanges where(MemorySource source) {
        AddressRange pool = settings.range();
        return settings.isOfPool(source) ? AddressRanges.of(pool) : settings.ram();
    }
}
