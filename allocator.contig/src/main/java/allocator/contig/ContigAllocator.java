// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.CompactionRequest;
import dmabuf.api.spi.IdleStorage;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.PoolBooks;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Hands out one pool in contiguous pieces. Of the places at which the devices' tables have the fewest entries together
 * it takes the lowest. All calls on one pool wait for each other, but for getting memory.
 */
final class ContigAllocator implements Allocator {
    private final AddressRange pool;
    private final Optional<String> owner;
    private final PoolBooks books;
    private final Map<Long, Footing> footings = new HashMap<>();

    /**
     * Makes a pool of which nothing is out.
     *
     * @param owner the pool's name, when it serves only devices whose permitted pools name it
     */
    ContigAllocator(AddressRange pool, Optional<String> owner) {
        this.pool = pool;
        this.owner = owner;
        this.books = PoolBooks.of(AddressRanges.of(pool));
    }

    @Override
    public boolean match(Participant device) {
        DmaPath path = device.path();
        return permits(owner, path)
                && (path.iommu().isPresent() || !path.reachable().intersect(pool).isEmpty());
    }

    /** Returns whether a pool serves a device: one that belongs to somebody serves those that name it. */
    static boolean permits(Optional<String> owner, DmaPath path) {
        return owner.isEmpty()
                || path.constraints().pools().filter(pools -> pools.contains(owner.get())).isPresent();
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        try {
            Placed placed = place(request);
            try {
                return Allocation.of(request.memory(request.storageSize()), List.of(placed.piece))
                        .withCookie(placed.cookie);
            } catch (RuntimeException | Error e) {
                close(placed.cookie);
                throw e;
            }
        } catch (RuntimeException | Error e) {
            count(e);
            throw e;
        }
    }

    private Placed place(AllocationRequest request) {
        synchronized (books) {
            Optional<Segment> piece = books.free().holds(request.storageSize())
                    ? Placement.claimed(books.free().within(request.constraints().addressRanges()), request)
                    : Optional.empty();
            if (piece.isEmpty()) {
                throw books.refusal(request.storageSize(), 0, noPlace(request));
            }
            long cookie = books.open(List.of(piece.get()));
            footings.put(cookie, Footing.of(request));
            return new Placed(cookie, piece.get());
        }
    }

    private String noPlace(AllocationRequest request) {
        String largest = Quantity.format(books.free().largest());
        return ("no place in a block of at most " + largest + " suits the devices " + request.constraints()).strip();
    }

    @Override
    public void release(Allocation allocation) {
        close(allocation.cookie());
    }

    private void close(long cookie) {
        synchronized (books) {
            books.close(cookie);
            footings.remove(cookie);
        }
    }

    private void count(Throwable failure) {
        synchronized (books) {
            books.failed(failure);
        }
    }

    @Override
    public AllocatorStatistics statistics() {
        synchronized (books) {
            return books.statistics();
        }
    }

    /** Slides each storage down to the lowest place that is valid for its devices, in ascending order. */
    @Override
    public void compact(CompactionRequest request) {
        synchronized (books) {
            int moved = 0;
            for (IdleStorage storage : request.idle()) {
                moved += slide(request, storage) ? 1 : 0;
            }
            if (moved > 0) {
                // The request that was FRAGMENTED comes again, and has failed only if it fails then.
                books.retried();
            }
        }
    }

    private boolean slide(CompactionRequest request, IdleStorage storage) {
        Allocation from = storage.allocation();
        Footing footing = footings.get(from.cookie());
        if (footing == null || !books.segments(from.cookie()).equals(from.segments())) {
            return false;
        }
        Segment piece = from.segments().getFirst();
        List<Segment> to = books.move(from.cookie(), free -> PlaceSearch.lower(free, piece, footing, storage)
                .map(List::of)
                .filter(place -> request.move(from, place).isPresent()));
        return !to.equals(from.segments());
    }

    @Override
    public Map<String, String> describe() {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("pool", pool.toString());
        lines.put("size", Quantity.format(pool.byteSize()));
        owner.ifPresent(name -> lines.put("private to", name));
        return lines;
    }

    private record Placed(long cookie, Segment piece) {}
}
