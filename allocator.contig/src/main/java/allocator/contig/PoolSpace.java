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
    /** In how many lists a search by size looks, unless it finds nothing there, and at how many blocks of each. */
    private static final int MOST_LISTS = 2;

    private static final int MOST_OF_A_LIST = 8;

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
        addFree(bottom);
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
        @Nullable Block block = bins.next(Bins.bin(bytes)) < 0 ? null : bottom;
        while (block != null && !(block.isFree() && block.holds(bytes, unit))) {
            block = block.above;
        }
        return block;
    }

    /**
     * Returns of the blocks that are about as large, those of two sizes and for a small piece of the largest besides, the one
     * of which the least is lost ({@link FrameSizes#loss}). Of equal ones a small piece takes the largest, any other the lowest.
     */
    private @Nullable Block leastLoss(long bytes, long unit) {
        if (frames.saw(bytes)) {
            measureAnew();
        }
        @Nullable Block best = frames.isSmall(bytes) ? better(null, bins.highest(), bytes, unit) : null;
        int lists = 0;
        for (int bin = bins.next(Bins.bin(bytes)); bin >= 0 && (best == null || lists < MOST_LISTS); bin = bins.next(bin + 1)) {
            best = better(best, bin, bytes, unit);
            lists++;
        }
        return best;
    }

    private @Nullable Block better(@Nullable Block before, int bin, long bytes, long unit) {
        @Nullable Block best = before;
        int left = MOST_OF_A_LIST;
        for (Block block = bins.first(bin); block != null && left > 0; block = block.next) {
            if (block.holds(bytes, unit) && (best == null || isBetter(block, best, bytes))) {
                best = block;
            }
            left--;
        }
        return best;
    }

    private boolean isBetter(Block one, Block other, long bytes) {
        int more = frames.loss(one, bytes) - frames.loss(other, bytes);
        if (more == 0 && frames.isSmall(bytes) && one.byteSize != other.byteSize) {
            return one.byteSize > other.byteSize;
        }
        return more < 0 || (more == 0 && Long.compareUnsigned(one.first, other.first) < 0);
    }

    /** Measures all free blocks: a size came that is among the largest, which happens as often as there are formats. */
    private void measureAnew() {
        for (Block block = bottom; block != null; block = block.above) {
            if (block.isFree()) {
                frames.measure(block);
            }
        }
    }

    private void addFree(Block block) {
        frames.measure(block);
        bins.add(block);
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
            addFree(block);
        }
        if (piece.byteSize != bytes) {
            addFree(split(piece, start + bytes));
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
        addFree(joined);
    }
}
