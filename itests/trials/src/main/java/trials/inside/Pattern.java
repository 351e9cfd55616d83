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

    /** Compares a buffer; a byte that is another one is an error. */
    static void verify(DmaBuf buffer, long seed) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            verify(access.segment(), seed, buffer);
        }
    }

    /** Compares a segment of a buffer. */
    static void verify(MemorySegment segment, long seed, DmaBuf buffer) {
        SplittableRandom words = new SplittableRandom(seed);
        for (long at = 0; at + Long.BYTES <= segment.byteSize(); at += Long.BYTES) {
            long expected = words.nextLong();
            long found = segment.get(WORD, at);
            if (found != expected) {
                throw new AssertionError("wrong bytes at " + at + ": " + Long.toHexString(found) + " instead of "
                        + Long.toHexString(expected) + " in " + buffer.info());
            }
        }
    }
}
