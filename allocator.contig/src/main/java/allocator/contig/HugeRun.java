// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.PlacementPromise;
import dmabuf.api.spi.ScatteredPages;
import dmabuf.api.spi.SegmentFit;
import java.util.List;
import java.util.Optional;

/**
 * Takes huge pages that are neighbours in CPU physical space. The kernel gives them one by one from anywhere, so this
 * takes them until there is a run in the devices' range, and gives the others back; /proc/self/pagemap tells where they
 * lie. Without the right to read it, huge pages are a row of pieces whose addresses nobody knows, of use only to devices behind
 * an IOMMU and where they are a dma-buf. Requests wait for each
 * other: what one of them looks through would be missing to the next.
 */
final class HugeRun {
    /** The most pages that are taken for one request, so that it ends within a call's deadline. */
    private static final int MOST = 1024;

    private final MemoryService memory;
    private final AddressRanges ram;

    HugeRun(MemoryService memory, AddressRanges ram) {
        this.memory = memory;
        this.ram = ram;
    }

    /**
     * Takes a run that suits the devices.
     *
     * @throws DmaBufException OUT_OF_MEMORY when there are too few pages; FRAGMENTED when no run of them suits, with the
     *     longest one
     */
    synchronized Allocation take(MemorySource source, AllocationRequest request) {
        long unit = memory.unit(source);
        long size = (request.storageSize() + unit - 1) & -unit;
        Memory first = memory.allocate(source, size, request.name());
        boolean kept = false;
        Optional<List<Segment>> places;
        try {
            places = memory.physical(first).map(all -> SegmentFit.first(request.storageSize(), all));
            if (places.isEmpty()) {
                Allocation allocation = unplaced(source, first, request);
                kept = true;
                return allocation;
            }
            kept = suits(places.get(), request);
        } finally {
            if (!kept) {
                first.close();
            }
        }
        return kept ? Allocation.verified(first, places.get()) : search(source, request, (int) (size / unit));
    }

    private Allocation unplaced(MemorySource source, Memory taken, AllocationRequest request) {
        ScatteredPages.refuseUnreachable(source, request);
        long unit = memory.unit(source);
        PlacementPromise promise = new PlacementPromise(unit, unit, ram);
        SegmentFit.check(promise, request);
        return Allocation.unplaced(taken, request.storageSize(), promise);
    }

    /** Whether the kernel gave a run at once, as it does from a pool that is fresh. */
    private static boolean suits(List<Segment> places, AllocationRequest request) {
        return places.size() == 1 && SegmentFit.misfit(places, request).isEmpty();
    }

    private Allocation search(MemorySource source, AllocationRequest request, int count) {
        try (HugePages pages = new HugePages(memory, source, request)) {
            while (pages.size() < MOST) {
                if (!pages.takeOne()) {
                    break;
                }
                Optional<Allocation> run = pages.run(count);
                if (run.isPresent()) {
                    return run.get();
                }
            }
            throw refusal(pages, memory.unit(source), count, request);
        }
    }

    private static DmaBufException refusal(HugePages pages, long unit, int count, AllocationRequest request) {
        String found = count + " huge pages of " + Quantity.format(unit) + " in a row asked, " + pages.size() + " had";
        return pages.size() < count
                ? new DmaBufException(Reason.OUT_OF_MEMORY, found + pages.end())
                : new DmaBufException(
                        Reason.FRAGMENTED,
                        found + ", the longest row of them " + pages.longest() + ", none that suits the devices "
                                + request.constraints());
    }
}
