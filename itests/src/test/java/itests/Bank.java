// SPDX-License-Identifier: Apache-2.0
package itests;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;

/** An allocator of the tests' own: pieces at the lowest free MiB of a bank of memory. A test can replace each answer. */
final class Bank implements Allocator {
    final AtomicInteger requests = new AtomicInteger();
    volatile Predicate<Participant> matching = device -> true;
    volatile Function<AllocationRequest, Allocation> allocating = this::lowest;

    private final AddressRange bank;
    private final List<Segment> taken = new ArrayList<>();

    Bank(long base, long byteSize) {
        bank = AddressRange.ofSize(base, byteSize);
    }

    /** The service properties of an id and a priority. */
    static Map<String, Object> properties(String id, int priority) {
        return new TreeMap<>(AllocatorSpec.of(id, "bank", priority).toProperties());
    }

    /** Refuses every request with a reason. */
    static Function<AllocationRequest, Allocation> failing(Reason reason, String message) {
        return request -> {
            throw new DmaBufException(reason, message);
        };
    }

    @Override
    public boolean match(Participant device) {
        return matching.test(device);
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        requests.incrementAndGet();
        return allocating.apply(request);
    }

    private Allocation lowest(AllocationRequest request) {
        Segment place = take(request.storageSize());
        try {
            return Allocation.of(request.memory(request.storageSize()), List.of(place));
        } catch (DmaBufException e) {
            give(List.of(place));
            throw e;
        }
    }

    private Segment take(long byteSize) {
        synchronized (taken) {
            for (long at = bank.first(); at + byteSize - 1 <= bank.last(); at += Stage.MIB) {
                Segment place = new Segment(at, byteSize);
                if (taken.stream().noneMatch(other -> other.range().intersect(place.range()).isPresent())) {
                    taken.add(place);
                    return place;
                }
            }
        }
        throw new DmaBufException(Reason.OUT_OF_MEMORY, "bank " + bank + " has no room for " + byteSize);
    }

    private void give(List<Segment> places) {
        synchronized (taken) {
            taken.removeAll(places);
        }
    }

    @Override
    public void release(Allocation allocation) {
        give(allocation.segments());
    }

    @Override
    public AllocatorStatistics statistics() {
        synchronized (taken) {
            long used = taken.stream().mapToLong(Segment::byteSize).sum();
            long free = bank.byteSize() - used;
            return new AllocatorStatistics(taken.size(), used, free, free, used, 0, 0);
        }
    }
}
