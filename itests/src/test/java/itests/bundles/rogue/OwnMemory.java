// SPDX-License-Identifier: Apache-2.0
package itests.bundles.rogue;

import dmabuf.api.CpuMode;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of a class of this bundle, which storage that stays behind would need. */
record OwnMemory(Memory behind) implements Memory {
    @Override
    public long byteSize() {
        return behind.byteSize();
    }

    @Override
    public String source() {
        return "rogue";
    }

    @Override
    public MemorySegment view(long byteOffset, long byteSize, CpuMode mode, Arena arena) {
        return behind.view(byteOffset, byteSize, mode, arena);
    }

    @Override
    public int duplicateDescriptor() {
        return behind.duplicateDescriptor();
    }

    @Override
    public void close() {
        behind.close();
    }
}
