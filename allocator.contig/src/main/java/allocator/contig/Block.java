// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a pool, all free or all one piece that is out. The stretches are a chain by address without gaps; those
 * that are free never touch each other, and are in a list of their size besides. Guarded by the allocator.
 */
final class Block {
    long first;
    long byteSize;

    /** The neighbours by address; null at the ends of the pool. */
    @Nullable Block below;

    @Nullable Block above;

    /** The neighbours in the list of the size; for free blocks. */
    @Nullable Block previous;

    @Nullable Block next;

    /** What {@link FrameSizes} measured; for free blocks. */
    long overLargest;

    long overSecond;

    /** What is out here; null for free blocks. */
    @Nullable Footing footing;

    /** By what number {@link Pieces} knows it; 0 for free blocks. */
    long cookie;

    Block(long first, long byteSize) {
        this.first = first;
        this.byteSize = byteSize;
    }

    boolean isFree() {
        return footing == null;
    }

    long last() {
        return first + byteSize - 1;
    }

    AddressRange range() {
        return new AddressRange(first, last());
    }

    boolean contains(long address) {
        return Long.compareUnsigned(address - first, byteSize) < 0;
    }

    /** Returns the lowest multiple of a power of two, not below the first address; 0 when that would be 2^64. */
    long start(long unit) {
        return (first + unit - 1) & -unit;
    }

    /** Returns whether so many bytes are here from a multiple of the unit. */
    boolean holds(long bytes, long unit) {
        long lost = start(unit) - first;
        return Long.compareUnsigned(lost, byteSize) < 0 && Long.compareUnsigned(bytes, byteSize - lost) <= 0;
    }

    /** Puts a new block behind this one. */
    void insertAbove(Block added) {
        added.below = this;
        added.above = above;
        if (above != null) {
            above.below = added;
        }
        above = added;
    }

    /** Takes in the block behind this one. */
    void absorb(Block gone) {
        byteSize += gone.byteSize;
        above = gone.above;
        if (above != null) {
            above.below = this;
        }
    }
}
