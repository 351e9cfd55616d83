// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

/**
 * The sizes that a pool was asked for, the last eight that differ: few formats go through a pool, and a place that costs
 * a larger one its room is taken only where there is no other.
 */
final class FrameSizes {
    private static final int MOST = 8;

    private final long[] sizes = new long[MOST];
    private int oldest;

    /** Remembers a size. */
    void saw(long byteSize) {
        for (long size : sizes) {
            if (size == byteSize) {
                return;
            }
        }
        sizes[oldest] = byteSize;
        oldest = (oldest + 1) % MOST;
    }

    /** Returns the bytes of places for larger pieces that are lost when a piece is cut off a block. */
    long lost(long block, long piece) {
        long lost = 0;
        for (long size : sizes) {
            if (size > piece && size <= block) {
                lost += (block / size - (block - piece) / size) * size;
            }
        }
        return lost;
    }
}
