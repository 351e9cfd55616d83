// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Content that tells one buffer, and one place in it, from another. */
final class Bytes {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private Bytes() {}

    static void write(MemorySegment to, long seed) {
        long words = to.byteSize() / Long.BYTES;
        for (long i = 0; i < words; i++) {
            to.setAtIndex(WORD, i, seed + i * STEP);
        }
        to.asSlice(words * Long.BYTES).fill((byte) seed);
    }

    /** Returns the offset of the first byte that is not as written, or -1. */
    static long mismatch(MemorySegment in, long seed) {
        long words = in.byteSize() / Long.BYTES;
        for (long i = 0; i < words; i++) {
            if (in.getAtIndex(WORD, i) != seed + i * STEP) {
                return i * Long.BYTES;
            }
        }
        return firstOther(in, words * Long.BYTES, (byte) seed);
    }

    /** Returns the offset of the first byte that is not zero, or -1. */
    static long firstDirty(MemorySegment in) {
        long words = in.byteSize() / Long.BYTES;
        for (long i = 0; i < words; i++) {
            if (in.getAtIndex(WORD, i) != 0) {
                return i * Long.BYTES;
            }
        }
        return firstOther(in, words * Long.BYTES, (byte) 0);
    }

    private static long firstOther(MemorySegment in, long from, byte wanted) {
        for (long i = from; i < in.byteSize(); i++) {
            if (in.get(ValueLayout.JAVA_BYTE, i) != wanted) {
                return i;
            }
        }
        return -1;
    }
}
