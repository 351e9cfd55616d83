// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.CpuMode;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory that stays when the runtime gives it back. */
record Kept(Memory memory) implements Memory {
    @Override
    public long byteSize() {
        return memory.byteSize();
    }

    @Override
    public String source() {
        return memory.source();
    }

    @Override
    public MemorySegment view(long byteOffset, long byteSize, CpuMode mode, Arena arena) {
        return memory.view(byteOffset, byteSize, mode, arena);
    }

    @Override
    public int duplicateDescriptor() {
        return memory.duplicateDescriptor();
    }

    @Override
    public void close() {
        // kept for the next owner
    }
}
