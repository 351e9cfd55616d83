// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * The search for the chunks of one request behind {@link ScatteredRam}: largest chunks first, each at the lowest free
 * place, never beside another chunk of the same request. What is found is claimed; nothing is booked.
 */
final class ChunkSearch {
    private static final long LARGE = 1L << 20;
    private static final long MEDIUM = 64L << 10;

    private final FreeSpace free;
    private final AllocationRequest request;
    private final DmaConstraints limits;
    private final List<Segment> found = new ArrayList<>();
    private final TreeMap<Long, AddressRange> taken = new TreeMap<>(Long::compareUnsigned);
    private long missing;
    private long heldByOthers;

    ChunkSearch(FreeSpace free, AllocationRequest request) {
        this.free = free;
        this.request = request;
        this.limits = request.constraints();
        this.missing = request.storageSize();
    }

    /** Returns the chunks in the order of the memory, or fewer bytes than asked when no more are to be had. */
    Found run() {
        sizes().filter(size -> Long.compareUnsigned(size, limits.granule()) >= 0).forEach(this::findAll);
        if (missing > 0 && missing <= LARGE && Long.compareUnsigned(missing, limits.granule()) < 0) {
            // Only the last length may be less than the granule: what is left needs no whole chunk.
            find(0, missing).ifPresent(start -> add(start, missing));
        }
        return new Found(found, heldByOthers);
    }

    /**
     * What a search found.
     *
     * @param chunks the chunks
     * @param heldByOthers the bytes of single pages that were free here and claimed by others, as far as it looked
     */
    record Found(List<Segment> chunks, long heldByOthers) {}

    private LongStream sizes() {
        long page = request.pageSize();
        return LongStream.of(LARGE, MEDIUM, page).filter(size -> size >= page).distinct();
    }

    private void findAll(long size) {
        OptionalLong start = OptionalLong.of(0);
        while (missing >= size && start.isPresent()) {
            // The first chunk may have needed a higher place, for the alignment of the buffer; later ones start below.
            start = find(found.size() == 1 ? 0 : start.getAsLong(), size);
            start.ifPresent(address -> add(address, size));
        }
    }

    private void add(long start, long size) {
        Segment chunk = new Segment(start, size);
        found.add(chunk);
        taken.put(start, chunk.range());
        missing -= size;
    }

    /** Finds and claims the lowest place for a chunk at or above an address. */
    private OptionalLong find(long from, long size) {
        Optional<AddressRange> block = free.next(from);
        while (block.isPresent()) {
            for (AddressRange window : limits.addressRanges().intervals()) {
                OptionalLong place =
                        block.get().intersect(window).map(part -> find(part, size)).orElse(OptionalLong.empty());
                if (place.isPresent()) {
                    return place;
                }
            }
            long last = block.get().last();
            block = last == -1L ? Optional.empty() : free.next(last + 1);
        }
        return OptionalLong.empty();
    }

    private OptionalLong find(AddressRange part, long size) {
        long step = step(size);
        long start = alignUp(part.first(), step);
        while (part.contains(start) && new AddressRange(start, part.last()).holds(size)) {
            Optional<AddressRange> neighbour = neighbour(AddressRange.ofSize(start, size));
            if (neighbour.isEmpty()) {
                if (request.claim(AddressRange.ofSize(start, size))) {
                    return OptionalLong.of(start);
                }
                heldByOthers += size == request.pageSize() ? size : 0;
            }
            long next = alignUp(neighbour.map(beside -> beside.last() + 2).orElse(start + 1), step);
            if (Long.compareUnsigned(next, start) <= 0) {
                break;
            }
            start = next;
        }
        return OptionalLong.empty();
    }

    /** The unit of a chunk's start: its own size, and what the devices ask of a segment and the buffer of the first. */
    private long step(long size) {
        long natural = Long.highestOneBit(size) == size ? size : request.pageSize();
        long first = found.isEmpty() ? request.alignment() : 1;
        return LongStream.of(natural, request.pageSize(), limits.alignment(), limits.granule(), first)
                .reduce((a, b) -> Long.compareUnsigned(a, b) >= 0 ? a : b)
                .getAsLong();
    }

    /** A chunk of this request that overlaps or touches a place. */
    private Optional<AddressRange> neighbour(AddressRange place) {
        long behind = place.last() == -1L ? -1L : place.last() + 1;
        long before = place.first() == 0 ? 0 : place.first() - 1;
        return Optional.ofNullable(taken.floorEntry(behind))
                .map(Map.Entry::getValue)
                .filter(chunk -> Long.compareUnsigned(chunk.last(), before) >= 0);
    }

    /** Rounds up; 0 when the result would be 2^64. */
    private static long alignUp(long address, long step) {
        return (address + step - 1) & -step;
    }
}
