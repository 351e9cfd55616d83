// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The RAM of the board model as an allocator of scattered memory hands it out: in chunks of 1 MiB, 64 KiB and one page,
 * largest first, each at the lowest free place and aligned to its own size; and as on a machine long in use, so no two
 * chunks of one storage are neighbours. Several allocators may hand out the same RAM: each chunk is claimed. Any thread
 * may call; calls on one RAM wait for each other.
 */
public final class ScatteredRam {
    private static final ChunkSearch.Found NOTHING = new ChunkSearch.Found(List.of(), 0);

    private final AddressRanges addresses;
    private final PoolBooks books;
    private final Function<AllocationRequest, ChunkSearch.Found> search;

    private ScatteredRam(AddressRanges addresses, List<AddressRange> frames) {
        this.addresses = addresses;
        this.books = PoolBooks.of(addresses);
        this.search = frames.isEmpty()
                ? request -> new ChunkSearch(books.free(), request).run()
                : request -> FrameSearch.run(frames, books.free(), request);
    }

    /**
     * Returns RAM of which nothing is out.
     *
     * @throws dmabuf.api.DmaBufException INVALID when it is empty, or 2^63 bytes or more
     */
    public static ScatteredRam of(AddressRanges addresses) {
        if (addresses.isEmpty() || addresses.holds(Long.MIN_VALUE)) {
            throw new DmaBufException(
                    Reason.INVALID, "ram=" + addresses + " must be at least 1 byte and less than 2^63 bytes");
        }
        return new ScatteredRam(addresses, List.of());
    }

    /**
     * Returns RAM that hands out just these page frames, in this order, also neighbours.
     *
     * @param frames the frames, at least one, which do not overlap
     */
    public static ScatteredRam ofFrames(List<AddressRange> frames) {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("give at least one frame");
        }
        return new ScatteredRam(AddressRanges.of(frames), List.copyOf(frames));
    }

    /** Returns all addresses, free or not. */
    public AddressRanges addresses() {
        return addresses;
    }

    /**
     * Allocates storage for a request. It honours the request's range, alignment and granule, and every device's count.
     *
     * @throws dmabuf.api.DmaBufException OUT_OF_MEMORY when less is free, or no memory is to be had; FRAGMENTED when
     *     enough is free, but not in chunks that the devices can use
     */
    public Allocation allocate(AllocationRequest request) {
        try {
            Place place = place(request);
            try {
                return Allocation.of(request.memory(request.storageSize()), place.segments).withCookie(place.cookie);
            } catch (RuntimeException | Error e) {
                close(place.cookie);
                throw e;
            }
        } catch (RuntimeException | Error e) {
            count(e);
            throw e;
        }
    }

    /** Takes storage back; harmless when it is not out. */
    public void release(Allocation allocation) {
        close(allocation.cookie());
    }

    /** Returns the figures. */
    public AllocatorStatistics statistics() {
        synchronized (books) {
            return books.statistics();
        }
    }

    private Place place(AllocationRequest request) {
        synchronized (books) {
            ChunkSearch.Found found = books.free().holds(request.storageSize()) ? search.apply(request) : NOTHING;
            Optional<String> misfit = misfit(found.chunks(), request);
            if (misfit.isPresent()) {
                throw books.refusal(request.storageSize(), found.heldByOthers(), misfit.get());
            }
            return new Place(books.open(found.chunks()), found.chunks());
        }
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

    /** What keeps the devices from using the segments. */
    private static Optional<String> misfit(List<Segment> segments, AllocationRequest request) {
        long found = segments.stream().mapToLong(Segment::byteSize).sum();
        if (found != request.storageSize()) {
            String devices = request.constraints().toString();
            return Optional.of(("only " + Quantity.format(found) + " in chunks for the devices " + devices).strip());
        }
        return SegmentFit.limits(segments, request);
    }

    private record Place(long cookie, List<Segment> segments) {}
}
