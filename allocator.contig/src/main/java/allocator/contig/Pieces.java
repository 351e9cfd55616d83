// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The pieces that are out, by the number that their storage carries: the place in a table, and above it a count, so that a
 * number is never given twice. Guarded by the allocator.
 */
final class Pieces {
    private static final int PLACE_BITS = 28;
    private static final int PLACE = (1 << PLACE_BITS) - 1;

    private @Nullable Block[] table = new @Nullable Block[16];

    /** The places of the table that are empty, as a stack; of those never used the lowest is {@link #fresh}. */
    private int[] empty = new int[16];

    private int empties;
    private int fresh;
    private long count;

    /** Returns how many are out. */
    int size() {
        return fresh - empties;
    }

    /** Puts a piece in under a new number. */
    void add(Block piece) {
        int place = empties > 0 ? empty[--empties] : fresh++;
        if (place == table.length) {
            table = Arrays.copyOf(table, 2 * place);
            empty = Arrays.copyOf(empty, 2 * place);
        }
        piece.cookie = (++count << PLACE_BITS) | place;
        table[place] = piece;
    }

    /** Puts a piece where another was, under its number. */
    void replace(Block gone, Block piece) {
        long cookie = gone.cookie;
        gone.cookie = 0;
        piece.cookie = cookie;
        table[(int) cookie & PLACE] = piece;
    }

    /** Returns the piece of a number; null when it is not out. */
    @Nullable Block find(long cookie) {
        int place = (int) cookie & PLACE;
        Block piece = place < table.length ? table[place] : null;
        return piece != null && piece.cookie == cookie ? piece : null;
    }

    /** Takes a piece out. */
    void remove(Block piece) {
        int place = (int) piece.cookie & PLACE;
        piece.cookie = 0;
        table[place] = null;
        empty[empties++] = place;
    }
}
