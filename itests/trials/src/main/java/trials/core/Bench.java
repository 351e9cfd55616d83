// SPDX-License-Identifier: Apache-2.0
package trials.core;

import allocator.contig.ContigFactory;
import allocator.iommu.IommuFactory;
import dmabuf.api.Device;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Sandbox;
import dmabuf.core.OpenCore;
import dmabuf.linux.OpenMemory;
import java.util.List;
import java.util.Map;
import trials.Descriptors;
import trials.Row;

/** A core on the memory of this machine, with pools of the real allocators, whose calls all go through a {@link Wrap}. */
final class Bench implements AutoCloseable {
    static final long PAGE = 4096;
    static final long MIB = 1L << 20;
    static final long LOW = 0x4000_0000L;
    static final long HIGH = 0x1_0000_0000L;

    private final Wrap wrap;
    private final List<String> before = Descriptors.memories();
    final MemoryService memory;
    final Sandbox sandbox;

    Bench(Wrap wrap) {
        this.wrap = wrap;
        this.memory = OpenMemory.with(wrap);
        this.sandbox = OpenCore.over(memory);
    }

    /** Adds a pool of contiguous memory; returns its allocator, beside the wrap. */
    Allocator pool(String id, int priority, long base, long byteSize) {
        Allocator real = new ContigFactory()
                .create(Map.of("base", base, "size", byteSize), memory)
                .allocator();
        sandbox.addAllocator(AllocatorSpec.of(id, "contig", priority), wrap.around(Allocator.class, real));
        return real;
    }

    /** Adds the mapper of a domain; returns it, beside the wrap. */
    Mapper mapper(String domain) {
        AllocatorFactory.Product product = new IommuFactory().create(Map.of("domains", domain), memory);
        Mapper real = product.mappers().getFirst();
        sandbox.addMapper(wrap.around(Mapper.class, real));
        return real;
    }

    /** Adds a device on a way in words. */
    void device(String name, String path) {
        sandbox.addDevice(Device.of(name, List.of(DmaPath.parse(path))), Map.of());
    }

    Exporter exporter(String owner) {
        return sandbox.exporter(owner);
    }

    /** Ends the core; whatever is out then was lost. */
    @Override
    public void close() {
        sandbox.close();
        Row.check(memory.inUse() == 0, memory.inUse() + " bytes are still out");
        Row.check(Descriptors.memories().equals(before), "descriptors are still open: " + Descriptors.memories());
    }
}
