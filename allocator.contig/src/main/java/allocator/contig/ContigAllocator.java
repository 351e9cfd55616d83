// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hands out one pool in contiguous pieces. Of the places at which the devices' tables have the fewest entries together it
 * takes the lowest; where all places of the pool are the same to the devices, the one that its {@link Placing} says. All
 * calls on one pool wait for each other, but for getting memory.
 */
final class ContigAllocator implements Allocator {
    private final AddressRange pool;
    private final Optional<String> owner;
    private final PieceBooks books;

    /**
     * Makes a pool of which nothing is out.
     *
     * @param owner the pool's name, when it serves only devices whose permitted pools name it
     */
    ContigAllocator(AddressRange pool, Optional<String> owner, Placing placing) {
        this.pool = pool;
        this.owner = owner;
        this.books = new PieceBooks(pool, placing);
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
        Footing footing = Footing.of(request);
        synchronized (books) {
            Block piece = books.holds(request.storageSize()) ? claimed(request, footing) : null;
            if (piece == null) {
                throw books.refusal(request.storageSize(), request.constraints());
            }
            return new Placed(books.open(piece), new Segment(piece.first, piece.byteSize));
        }
    }

    /** Takes a place that nobody else over the same RAM has claimed, and claims it; null when there is none. */
    private @Nullable Block claimed(AllocationRequest request, Footing footing) {
        PoolSpace space = books.space();
        long size = request.storageSize();
        if (footing.isMetAnywhere(pool, size, request.limits())) {
            Block block = space.find(size, footing.unit());
            if (block != null && request.claim(AddressRange.ofSize(block.start(footing.unit()), size))) {
                return space.take(block, block.start(footing.unit()), size, footing);
            }
        }
        return Placement.claimed(space.within(footing.ranges()), request)
                .map(piece -> space.take(piece.range(), footing))
                .orElse(null);
    }

    @Override
    public void release(Allocation allocation) {
        close(allocation.cookie());
    }

    private void close(long cookie) {
        synchronized (books) {
            books.close(cookie);
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
        Block piece = books.find(from.cookie());
        if (piece == null || !from.segments().equals(List.of(new Segment(piece.first, piece.byteSize)))) {
            return false;
        }
        Optional<Segment> to = PlaceSearch.lower(books.space(), piece, storage)
                .filter(place -> request.move(from, List.of(place)).isPresent());
        to.ifPresent(place -> books.move(piece, place.address()));
        return to.isPresent();
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
