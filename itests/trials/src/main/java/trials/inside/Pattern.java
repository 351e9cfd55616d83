// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** Pseudo-random words by seed, which the CPU writes into buffers and compares. */
final class Pattern {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    private Pattern() {}

    /** Fills a buffer. */
    static void fill(DmaBuf buffer, long seed) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.WRITE)) {
            fill(access.segment(), seed);
        }
    }

    /** Fills a segment; what is left behind the last whole word stays as it is. */
    static void fill(MemorySegment segment, long seed) {
        SplittableRandom words = new SplittableRandom(seed);
        for (long at = 0; at + Long.BYTES <= segment.byteSize(); at += Long.BYTES) segment.set(WORD, at, words.nextLong());
    }

    /** Compares a buffer; a byte that is another one is an error. What nobody has written yet, seed 0, is zero. */
    static void verify(DmaBuf buffer, long seed) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            long at = mismatch(access.segment(), seed);
            // What an access shows that was ended by force is worth nothing: it says so now.
            MemorySegment real = access.segment();
            if (at >= 0) {
                throw new AssertionError("wrong bytes at " + at + ": " + Long.toHexString(real.get(WORD, at)) + " in " + buffer.info());
            }
        }
    }

    /** Returns where a segment differs, or -1. */
    private static long mismatch(MemorySegment segment, long seed) {
        SplittableRandom words = new SplittableRandom(seed);
        for (long at = 0; at + Long.BYTES <= segment.byteSize(); at += Long.BYTES) {
            if (segment.get(WORD, at) != (seed == 0 ? 0 : words.nextLong())) {
                return at;
            }
        }
        return -1;
    }
}
