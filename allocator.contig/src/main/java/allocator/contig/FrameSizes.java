// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

/**
 * The sizes that a pool was asked for, the last eight that differ: few formats go through a pool, and a place that takes one
 * of the larger its room is chosen only where there is no other.
 */
final class FrameSizes {
    private static final int MOST = 8;

    private final long[] sizes = new long[MOST];
    private int oldest;
    private long largest;
    private long second;

    /** Remembers a size. */
    void saw(long byteSize) {
        for (long size : sizes) {
            if (size == byteSize) {
                return;
            }
        }
        sizes[oldest] = byteSize;
        oldest = (oldest + 1) % MOST;
        largest = largestBelow(Long.MAX_VALUE);
        second = largestBelow(largest);
    }

    private long largestBelow(long bound) {
        long found = 0;
        for (long size : sizes) {
            found = size < bound ? Math.max(found, size) : found;
        }
        return found;
    }

    /** Returns what is lost when a piece is cut off a block: 2 for a place of the largest size, 1 for one of the second. */
    int lost(long block, long piece) {
        return (isLost(largest, block, piece) ? 2 : 0) + (isLost(second, block, piece) ? 1 : 0);
    }

    /** A block has as many places of a size as it holds whole ones; a smaller piece takes one, or none from what is left over. */
    private static boolean isLost(long size, long block, long piece) {
        return piece < size && size <= block && block % size < piece;
    }
}
