// SPDX-License-Identifier: Apache-2.0
package doubles;

import dmabuf.api.AddressRange;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.IdleStorage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Asks an allocator as the core does: what it returns is verified for every device and must not overlap live storage;
 * what a failed request obtained is taken back. A violation is an AssertionError.
 */
public final class CoreDouble {
    private final Claims claims;
    private final Map<Allocation, List<AddressRange>> live = new ConcurrentHashMap<>();

    /** Makes a runtime with nothing live. */
    public CoreDouble() {
        this(new Claims());
    }

    /** Makes a runtime over claims that others share. */
    public CoreDouble(Claims claims) {
        this.claims = claims;
    }

    /** Allocates and verifies. */
    public Allocation allocate(Allocator allocator, RequestDouble request) {
        return allocate(allocator::allocate, request);
    }

    /** Allocates by a function and verifies. */
    public Allocation allocate(Function<AllocationRequest, Allocation> allocator, RequestDouble request) {
        request.claims(claims);
        Allocation allocation;
        try {
            allocation = allocator.apply(request);
        } catch (RuntimeException e) {
            request.fail();
            throw e;
        }
        Verification.verify(allocation, request);
        for (Segment segment : allocation.segments()) {
            if (!request.claimRest(segment.range())) {
                throw new AssertionError(segment + " overlaps live storage");
            }
        }
        live.put(allocation, List.copyOf(request.claimed()));
        return allocation;
    }

    /** Gives storage back. */
    public void release(Allocator allocator, Allocation allocation) {
        forget(allocation);
        allocator.release(allocation);
    }

    /** Books storage as no longer live, without telling its allocator. */
    public void forget(Allocation allocation) {
        live.remove(allocation).forEach(claims::release);
        allocation.memory().close();
    }

    /**
     * Lets an allocator move idle storage together. A place that overlaps live storage is an AssertionError.
     *
     * @param storage which storage may move, and for which request it was allocated
     * @return what moved, as it was and as it is now, in the order of the moves
     */
    public Map<Allocation, Allocation> compact(Allocator allocator, List<IdleStorage> storage) {
        CompactionDouble request = new CompactionDouble(storage, this::move);
        allocator.compact(request);
        return request.moved();
    }

    private Allocation move(Allocation from, List<Segment> places) {
        Allocation to = from.movedTo(places);
        List<AddressRange> ranges = places.stream().map(Segment::range).toList();
        live.remove(from).forEach(claims::release);
        for (AddressRange range : ranges) {
            if (!claims.claim(range)) {
                throw new AssertionError(range + " overlaps live storage");
            }
        }
        live.put(to, ranges);
        return to;
    }
}
