// SPDX-License-Identifier: Apache-2.0
package itests;

import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Pseudo-random bytes by seed, which the CPU writes into buffers and reads back. */
final class Pattern {
    private Pattern() {}

    static byte[] of(long seed, long byteSize) {
        byte[] bytes = new byte[Math.toIntExact(byteSize)];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Fills a whole buffer through a CPU access, and returns what was written. */
    static byte[] fill(DmaBuf buffer, long seed) {
        byte[] bytes = of(seed, buffer.byteSize());
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.WRITE)) {
            MemorySegment.copy(bytes, 0, access.segment(), ValueLayout.JAVA_BYTE, 0, bytes.length);
        }
        return bytes;
    }

    /** Reads a whole buffer through a CPU access. */
    static byte[] read(DmaBuf buffer) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            return access.segment().toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
