// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

/**
 * The sizes that a pool was asked for, the last eight that differ: few formats go through a pool. They tell what is lost when
 * a piece is cut off a free block. What that needs of the block is measured once, when it becomes free.
 */
final class FrameSizes {
    private static final int MOST = 8;

    private final long[] sizes = new long[MOST];
    private int oldest;
    private long largest;
    private long second;
    private long third;

    /** Remembers a size; returns whether free blocks have to be measured anew. */
    boolean saw(long byteSize) {
        for (long size : sizes) {
            if (size == byteSize) {
                return false;
            }
        }
        sizes[oldest] = byteSize;
        oldest = (oldest + 1) % MOST;
        largest = largestBelow(Long.MAX_VALUE);
        second = largestBelow(largest);
        third = largestBelow(second);
        return true;
    }

    private long largestBelow(long bound) {
        long found = 0;
        for (long size : sizes) {
            found = size < bound ? Math.max(found, size) : found;
        }
        return found;
    }

    /** Tells a free block what it has over beside whole places of the two largest sizes. */
    void measure(Block block) {
        block.overLargest = over(largest, block.byteSize);
        block.overSecond = over(second, block.byteSize);
    }

    private static long over(long size, long block) {
        return size == 0 || block < size ? Long.MAX_VALUE : block % size;
    }

    /** Returns whether a piece is smaller than the three largest sizes. */
    boolean isSmall(long piece) {
        return piece < third;
    }

    /**
     * Returns what is lost when a piece is cut off a block that was measured: 4 for a place of the largest size, 2 for one of
     * the second, and 1 less where what is left is of no use for the three largest.
     */
    int loss(Block block, long piece) {
        long rest = block.byteSize - piece;
        return (piece < largest && block.overLargest < piece ? 4 : 0)
                + (piece < second && block.overSecond < piece ? 2 : 0)
                - (rest > 0 && rest < third ? 1 : 0);
    }
}
