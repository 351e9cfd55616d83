// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.CompactionRequest;
import dmabuf.api.spi.IdleStorage;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A double for an allocator of contiguous memory: honest, lowest address first, and with every call open to be replaced
 * by a test. Counts what is asked of it.
 */
final class PoolAllocator implements Allocator {
    final AtomicInteger matches = new AtomicInteger();
    final AtomicInteger requests = new AtomicInteger();
    final AtomicInteger releases = new AtomicInteger();

    volatile Predicate<Participant> accepts = this::isReached;
    volatile Function<AllocationRequest, Allocation> allocating = this::lowest;
    volatile Consumer<CompactionRequest> compacting = _ -> {};
    volatile Consumer<Allocation> releasing = _ -> {};

    private final AddressRange pool;
    private final TreeMap<Long, Segment> taken = new TreeMap<>(Long::compareUnsigned);

    PoolAllocator(long base, long byteSize) {
        this.pool = AddressRange.ofSize(base, byteSize);
    }

    private boolean isReached(Participant device) {
        return device.path().iommu().isPresent()
                || !device.path().reachable().intersect(pool).isEmpty();
    }

    @Override
    public boolean match(Participant device) {
        matches.incrementAndGet();
        return accepts.test(device);
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        requests.incrementAndGet();
        return allocating.apply(request);
    }

    /** Returns storage at the lowest place that suits the devices. */
    Allocation lowest(AllocationRequest request) {
        Segment place = take(request);
        try {
            return Allocation.of(request.memory(request.storageSize()), List.of(place));
        } catch (DmaBufException e) {
            free(place);
            throw e;
        }
    }

    private synchronized Segment take(AllocationRequest request) {
        Optional<Segment> place = place(
                request.storageSize(), Math.max(request.alignment(), request.pageSize()), request.limits());
        Segment found = place.orElseThrow(() -> new DmaBufException(
                Long.compareUnsigned(freeBytes(), request.storageSize()) >= 0
                        ? Reason.FRAGMENTED
                        : Reason.OUT_OF_MEMORY,
                "no room for " + request.storageSize() + " bytes"));
        taken.put(found.address(), found);
        return found;
    }

    private Optional<Segment> place(long byteSize, long alignment, List<SegmentLimits> limits) {
        return free().stream()
                .flatMap(gap -> Placement.lowest(gap, byteSize, alignment, limits).stream())
                .map(found -> new Segment(found.range().first(), byteSize))
                .findFirst();
    }

    synchronized void free(Segment place) {
        taken.remove(place.address());
    }

    private List<AddressRange> free() {
        List<AddressRange> gaps = new ArrayList<>();
        long next = pool.first();
        for (Segment used : taken.values()) {
            if (used.address() != next) {
                gaps.add(new AddressRange(next, used.address() - 1));
            }
            next = used.end();
        }
        if (next - 1 != pool.last()) {
            gaps.add(new AddressRange(next, pool.last()));
        }
        return gaps;
    }

    synchronized long freeBytes() {
        return free().stream().mapToLong(AddressRange::byteSize).sum();
    }

    @Override
    public void release(Allocation allocation) {
        releases.incrementAndGet();
        releasing.accept(allocation);
        allocation.segments().forEach(this::free);
    }

    @Override
    public synchronized AllocatorStatistics statistics() {
        long free = freeBytes();
        long largest = free().stream().mapToLong(AddressRange::byteSize).max().orElse(0);
        long used = pool.byteSize() - free;
        return new AllocatorStatistics(taken.size(), used, free, largest, used, 0, 0);
    }

    @Override
    public void compact(CompactionRequest request) {
        compacting.accept(request);
    }

    /** Moves idle storage down into the gaps before it. */
    synchronized void pack(CompactionRequest request) {
        for (IdleStorage storage : request.idle()) {
            Segment from = storage.allocation().segments().getFirst();
            taken.remove(from.address());
            List<SegmentLimits> limits = storage.devices().stream()
                    .filter(device -> device.path().iommu().isEmpty())
                    .map(device -> SegmentLimits.of(device.path().constraints()))
                    .toList();
            Segment to = place(from.byteSize(), Math.max(4096, storage.alignment()), limits)
                    .filter(place -> request.move(storage.allocation(), List.of(place)).isPresent())
                    .orElse(from);
            taken.put(to.address(), to);
        }
    }

    @Override
    public Map<String, String> describe() {
        return Map.of("pool", pool.toString());
    }
}
