// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import org.jspecify.annotations.Nullable;

/**
 * The free blocks of a pool by size: a list for each eighth of a power of two, and bits for the lists that are not empty.
 * So the cost of finding a size depends neither on the pool nor on how much of it is out.
 */
final class Bins {
    private static final int EIGHTHS = 3;
    private static final int EIGHTH = (1 << EIGHTHS) - 1;

    private final @Nullable Block[] heads = new @Nullable Block[Long.SIZE << EIGHTHS];

    /** Bit p: a list of the sizes from 2^p is not empty. */
    private long powers;

    /** Bit e of p: the list of the sizes from 2^p and e eighths is not empty. */
    private final int[] eighths = new int[Long.SIZE + 1];

    /** Returns the number of the list of a size; larger sizes have the same or a higher one. */
    static int bin(long byteSize) {
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(byteSize);
        long scaled = power >= EIGHTHS ? byteSize >>> (power - EIGHTHS) : byteSize << (EIGHTHS - power);
        return (power << EIGHTHS) | ((int) scaled & EIGHTH);
    }

    void add(Block block) {
        int bin = bin(block.byteSize);
        Block head = heads[bin];
        block.previous = null;
        block.next = head;
        if (head != null) {
            head.previous = block;
        }
        heads[bin] = block;
        eighths[bin >>> EIGHTHS] |= 1 << (bin & EIGHTH);
        powers |= 1L << (bin >>> EIGHTHS);
    }

    /** Removes a block that has the size with which it was added. */
    void remove(Block block) {
        if (block.next != null) {
            block.next.previous = block.previous;
        }
        if (block.previous != null) {
            block.previous.next = block.next;
            return;
        }
        int bin = bin(block.byteSize);
        heads[bin] = block.next;
        if (block.next == null) {
            empty(bin);
        }
    }

    private void empty(int bin) {
        int power = bin >>> EIGHTHS;
        eighths[power] &= ~(1 << (bin & EIGHTH));
        if (eighths[power] == 0) {
            powers &= ~(1L << power);
        }
    }

    /** Returns the lowest list at or above a number that is not empty; -1 when there is none. */
    int next(int bin) {
        int power = bin >>> EIGHTHS;
        int here = eighths[power] & (-1 << (bin & EIGHTH));
        if (here == 0) {
            long above = power < Long.SIZE ? powers & (-2L << power) : 0;
            if (above == 0) {
                return -1;
            }
            power = Long.numberOfTrailingZeros(above);
            here = eighths[power];
        }
        return (power << EIGHTHS) | Integer.numberOfTrailingZeros(here);
    }

    /** Returns the first block of a list, none for -1; the others follow by {@link Block#next}. */
    @Nullable Block first(int bin) {
        return bin < 0 ? null : heads[bin];
    }

    /** Returns the highest list that is not empty; -1 when all are. */
    int highest() {
        if (powers == 0) {
            return -1;
        }
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(powers);
        return (power << EIGHTHS) | (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(eighths[power]));
    }

    /** Returns the size of the largest block in bytes; 0 when there is none. */
    long largest() {
        long largest = 0;
        for (Block block = first(highest()); block != null; block = block.next) {
            largest = Math.max(largest, block.byteSize);
        }
        return largest;
    }
}
