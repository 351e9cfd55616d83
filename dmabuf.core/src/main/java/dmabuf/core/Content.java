// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.CpuMode;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What storage holds, which a move takes along. */
final class Content {
    private Content() {}

    /** Copies as many bytes of one storage to another. */
    static void copy(MemoryService service, Storage from, Storage to, long byteSize) {
        if (from.memory().byteSize() == to.memory().byteSize()) {
            service.copy(from.memory(), to.memory());
            return;
        }
        try (Arena arena = Arena.ofConfined();
                Access source = Access.begin(from.memory(), byteSize, CpuMode.READ, arena);
                Access target = Access.begin(to.memory(), byteSize, CpuMode.WRITE, arena)) {
            target.segment().copyFrom(source.segment());
        }
    }

    /** A view of memory, bracketed for the caches. */
    private record Access(Memory memory, CpuMode mode, MemorySegment segment) implements AutoCloseable {
        static Access begin(Memory memory, long byteSize, CpuMode mode, Arena arena) {
            MemorySegment segment = memory.view(0, byteSize, mode, arena);
            memory.beginCpuAccess(mode);
            return new Access(memory, mode, segment);
        }

        @Override
        public void close() {
            memory.endCpuAccess(mode);
        }
    }
}
