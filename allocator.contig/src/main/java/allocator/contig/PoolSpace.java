// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The addresses of a pool: pieces that are out, and the free blocks between them. Guarded by the allocator. */
final class PoolSpace {
    /** After how many blocks a search by size takes the best of them; at most so many of each list are looked at. */
    private static final int MOST_LOOKS = 8;

    private final Bins bins = new Bins();
    private final FrameSizes frames = new FrameSizes();
    private final Placing placing;
    private final Block bottom;
    private final long byteSize;
    private long free;

    /** Makes a space of which all is free; it has less than 2^63 bytes. */
    PoolSpace(AddressRange pool, Placing placing) {
        this.placing = placing;
        bottom = new Block(pool.first(), pool.byteSize());
        byteSize = pool.byteSize();
        free = byteSize;
        bins.add(bottom);
    }

    /** Returns the bytes of the pool. */
    long byteSize() {
        return byteSize;
    }

    /** Returns the free bytes. */
    long free() {
        return free;
    }

    /** Returns the size of the largest free block in bytes; 0 when there is none. */
    long largest() {
        return bins.largest();
    }

    /**
     * Returns a free block for a piece that may lie anywhere.
     *
     * @return null when it found none; there may still be one where {@link Placing#FRAMES} looks at a part of many
     */
    @Nullable Block find(long bytes, long unit) {
        return switch (placing) {
            case LOWEST -> lowest(bytes, unit);
            case FRAMES -> leastLoss(bytes, unit);
        };
    }

    private @Nullable Block lowest(long bytes, long unit) {
        Block block = bottom;
        while (block != null && !(block.isFree() && block.holds(bytes, unit))) {
            block = block.above;
        }
        return block;
    }

    /**
     * Returns of the blocks that are about as large, eight or more where there
     * are so many, the one in which it takes the fewest places from the two largest sizes that were asked lately; of equal ones
     * the lowest. A pool without holes is so filled from the bottom.
     */
    private @Nullable Block leastLoss(long bytes, long unit) {
        frames.saw(bytes);
        @Nullable Block best = null;
        int least = Integer.MAX_VALUE;
        int looks = 0;
        for (int bin = bins.next(Bins.bin(bytes)); bin >= 0 && (best == null || looks < MOST_LOOKS); bin = bins.next(bin + 1)) {
            int left = MOST_LOOKS;
            for (Block block = bins.first(bin); block != null && left > 0; block = block.next) {
                left--;
                looks++;
                int lost = block.holds(bytes, unit) ? frames.lost(block.byteSize, bytes) : Integer.MAX_VALUE;
                if (lost < least || (best != null && lost == least && Long.compareUnsigned(block.first, best.first) < 0)) {
                    best = block;
                    least = lost;
                }
            }
        }
        return best;
    }

    /** Returns the free parts inside the given addresses, ascending; one for each interval they meet. */
    List<AddressRange> within(AddressRanges addresses) {
        List<AddressRange> parts = new ArrayList<>();
        for (Block block = bottom; block != null; block = block.above) {
            if (block.isFree()) {
                add(parts, block.range(), addresses);
            }
        }
        return parts;
    }

    /** Returns the same up to the end of a piece, as if that were free. */
    List<AddressRange> below(Block piece, AddressRanges addresses) {
        List<AddressRange> parts = new ArrayList<>();
        for (Block block = bottom; block != null && block != piece; block = block.above) {
            if (block.isFree() && block.above != piece) {
                add(parts, block.range(), addresses);
            }
        }
        long first = piece.below != null && piece.below.isFree() ? piece.below.first : piece.first;
        add(parts, new AddressRange(first, piece.last()), addresses);
        return parts;
    }

    private static void add(List<AddressRange> parts, AddressRange block, AddressRanges addresses) {
        for (AddressRange interval : addresses.intervals()) {
            block.intersect(interval).ifPresent(parts::add);
        }
    }

    /** Takes a piece that is free, wherever it lies. */
    Block take(AddressRange place, Footing footing) {
        for (Block block = bottom; block != null; block = block.above) {
            if (block.isFree() && block.contains(place.first())) {
                return take(block, place.first(), place.byteSize(), footing);
            }
        }
        throw new IllegalStateException(place + " is not free");
    }

    /** Takes a piece out of a free block, in which it lies. */
    Block take(Block block, long start, long bytes, Footing footing) {
        bins.remove(block);
        Block piece = start == block.first ? block : split(block, start);
        if (piece != block) {
            bins.add(block);
        }
        if (piece.byteSize != bytes) {
            bins.add(split(piece, start + bytes));
        }
        piece.footing = footing;
        free -= bytes;
        return piece;
    }

    /** Gives a piece back and takes as much at another place; returns the piece there. */
    Block move(Block piece, long address) {
        Footing footing = Objects.requireNonNull(piece.footing);
        AddressRange place = AddressRange.ofSize(address, piece.byteSize);
        give(piece);
        return take(place, footing);
    }

    /** Cuts a block in two, and returns the upper part. */
    private static Block split(Block block, long at) {
        Block upper = new Block(at, block.byteSize - (at - block.first));
        block.byteSize = at - block.first;
        block.insertAbove(upper);
        return upper;
    }

    /** Gives a piece back; it joins what is free beside it. */
    void give(Block piece) {
        free += piece.byteSize;
        piece.footing = null;
        Block joined = piece;
        Block below = piece.below;
        if (below != null && below.isFree()) {
            bins.remove(below);
            below.absorb(piece);
            joined = below;
        }
        Block above = joined.above;
        if (above != null && above.isFree()) {
            bins.remove(above);
            joined.absorb(above);
        }
        bins.add(joined);
    }
}
