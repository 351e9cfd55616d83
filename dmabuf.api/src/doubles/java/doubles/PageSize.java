// SPDX-License-Identifier: Apache-2.0
package doubles;

import dmabuf.api.Segment;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.SourceState;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A memory service that knows the size of a page and has no memory. */
public record PageSize(long pageSize) implements MemoryService {
    @Override
    public Memory memfd(long byteSize, String name) {
        return new MemoryDouble(byteSize);
    }

    @Override
    public Memory allocate(MemorySource source, long byteSize, String name) {
        return new MemoryDouble(byteSize);
    }

    @Override
    public long unit(MemorySource source) {
        return pageSize;
    }

    @Override
    public SourceState probe(MemorySource source) {
        boolean usable = source.equals(MemorySource.MEMFD);
        return new SourceState(source.toString(), usable, usable ? "a double" : "the double has none");
    }

    @Override
    public List<String> heaps() {
        return List.of();
    }

    @Override
    public Memory pciResource(String pciAddress, int index) {
        return new MemoryDouble(pageSize);
    }

    @Override
    public Optional<List<Segment>> physical(Memory memory) {
        return Optional.empty();
    }

    @Override
    public Memory join(List<Memory> parts, String name) {
        return new MemoryDouble(parts.stream().mapToLong(Memory::byteSize).sum());
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
    public Map<String, Long> lent() {
        return Map.of();
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
