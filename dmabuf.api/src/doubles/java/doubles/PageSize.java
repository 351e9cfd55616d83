// SPDX-License-Identifier: Apache-2.0
package doubles;

import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;

/** A memory service that knows the size of a page and has no memory. */
public record PageSize(long pageSize) implements MemoryService {
    @Override
    public Memory memfd(long byteSize, String name) {
        return new MemoryDouble(byteSize);
    }

    @Override
    public long capacity() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean owns(Memory memory) {
        return memory instanceof MemoryDouble;
    }

    @Override
    public long inUse() {
        return 0;
    }

    @Override
    public void closeDescriptor(int descriptor) {
        throw new UnsupportedOperationException("no descriptor");
    }

    @Override
    public void copy(Memory from, Memory to) {
        throw new UnsupportedOperationException("no bytes");
    }

    @Override
    public void zero(Memory memory) {
        throw new UnsupportedOperationException("no bytes");
    }
}
