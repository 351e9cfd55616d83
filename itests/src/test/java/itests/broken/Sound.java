// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.CompactionRequest;
import dmabuf.api.spi.FreeSpace;
import dmabuf.api.spi.IdleStorage;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.PoolBooks;
import dmabuf.api.spi.SegmentLimits;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/** A sound allocator: storage in one piece, of one pool, moved together on demand. */
public class Sound implements Allocator {
    static final long PAGE = 4096;

    final AddressRange pool = AddressRange.parse("0x40000000..0x40ffffff");
    final PoolBooks books = PoolBooks.of(AddressRanges.of(pool));

    public Sound(BundleContext context) {}

    @Override
    public boolean match(Participant device) {
        return device.path().iommu().isPresent() || !device.path().reachable().intersect(pool).isEmpty();
    }

    @Override
    public synchronized Allocation allocate(AllocationRequest request) {
        try {
            Segment place = place(request).orElseThrow(() -> refusal(request));
            return give(request, List.of(place));
        } catch (DmaBufException e) {
            books.failed(e);
            throw e;
        }
    }

    Optional<Segment> place(AllocationRequest request) {
        return Placement.claimed(books.free().within(request.constraints().addressRanges()), request);
    }

    DmaBufException refusal(AllocationRequest request) {
        return books.refusal(request.storageSize(), 0, "not in one piece");
    }

    Allocation give(AllocationRequest request, List<Segment> place) {
        return Allocation.of(request.memory(request.storageSize()), place).withCookie(books.open(place));
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
    public synchronized void compact(CompactionRequest request) {
        request.idle().forEach(storage -> slide(request, storage));
    }

    void slide(CompactionRequest request, IdleStorage storage) {
        Allocation from = storage.allocation();
        books.move(from.cookie(), free -> lower(free, storage)
                .map(List::of)
                .filter(place -> request.move(from, place).isPresent()));
    }

    static Optional<Segment> lower(FreeSpace free, IdleStorage storage) {
        Segment piece = storage.allocation().segments().getFirst();
        List<SegmentLimits> limits = storage.devices().stream()
                .map(device -> SegmentLimits.of(device.path().constraints()))
                .toList();
        return free.within(AddressRanges.ALL).stream()
                .flatMap(block -> Placement.lowest(
                        block, piece.byteSize(), Math.max(PAGE, storage.alignment()), limits).stream())
                .map(place -> new Segment(place.range().first(), piece.byteSize()))
                .filter(place -> place.address() < piece.address())
                .findFirst();
    }

    @Override
    public Map<String, String> describe() {
        return Map.of("pool", pool.toString());
    }
}
