// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.text;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.OptionalLong;

/** Bytes that look random and follow from a seed and their place (SplitMix64), or are all zero. */
public final class BytePattern {
    private static final ValueLayout.OfLong WORD =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final boolean zero;
    private final long seed;

    private BytePattern(boolean zero, long seed) {
        this.zero = zero;
        this.seed = seed;
    }

    /** Returns the pattern of a seed. */
    public static BytePattern ofSeed(long seed) {
        return new BytePattern(false, seed);
    }

    /** Returns the pattern of fresh memory. */
    public static BytePattern zero() {
        return new BytePattern(true, 0);
    }

    /** Writes the pattern over the whole segment. */
    public void fill(MemorySegment memory) {
        long words = memory.byteSize() / Long.BYTES;
        for (long i = 0; i < words; i++) {
            memory.setAtIndex(WORD, i, word(i));
        }
        for (long at = words * Long.BYTES; at < memory.byteSize(); at++) {
            memory.set(ValueLayout.JAVA_BYTE, at, byteAt(at));
        }
    }

    /** Returns the offset of the first byte that is not as written, or empty. */
    public OptionalLong mismatch(MemorySegment memory) {
        long words = memory.byteSize() / Long.BYTES;
        long at = 0;
        while (at < words && memory.getAtIndex(WORD, at) == word(at)) {
            at++;
        }
        for (at *= Long.BYTES; at < memory.byteSize(); at++) {
            if (memory.get(ValueLayout.JAVA_BYTE, at) != byteAt(at)) {
                return OptionalLong.of(at);
            }
        }
        return OptionalLong.empty();
    }

    /** Returns the byte that belongs at an offset. */
    public byte byteAt(long offset) {
        return (byte) (word(offset / Long.BYTES) >>> (8 * (offset % Long.BYTES)));
    }

    private long word(long index) {
        if (zero) {
            return 0;
        }
        long mixed = seed + (index + 1) * 0x9e3779b97f4a7c15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
