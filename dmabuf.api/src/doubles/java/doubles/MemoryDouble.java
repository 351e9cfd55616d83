// SPDX-License-Identifier: Apache-2.0
package doubles;

import dmabuf.api.CpuMode;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory that has a size and no bytes. */
public final class MemoryDouble implements Memory {
    private final long byteSize;

    /** Whether it was closed. */
    public volatile boolean closed;

    /** Makes memory of a size. */
    public MemoryDouble(long byteSize) {
        this.byteSize = byteSize;
    }

    @Override
    public long byteSize() {
        return byteSize;
    }

    @Override
    public String source() {
        return "double";
    }

    @Override
    public MemorySegment view(long byteOffset, long viewSize, CpuMode mode, Arena arena) {
        throw new UnsupportedOperationException("no bytes");
    }

    @Override
    public int duplicateDescriptor() {
        throw new UnsupportedOperationException("no descriptor");
    }

    @Override
    public void close() {
        closed = true;
    }
}
