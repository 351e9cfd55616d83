// SPDX-License-Identifier: Apache-2.0
package bench.work;

import allocator.contig.ContigFactory;
import dmabuf.api.Device;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Sandbox;
import dmabuf.core.BenchCore;
import dmabuf.linux.BenchMemory;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A core on the memory of this machine, with pools of the real allocator and the devices of a camera pipeline. */
final class Ground {
    static final long MIB = 1L << 20;
    static final List<String> DEVICES = List.of("camera", "codec", "display");

    private static final long FIRST_POOL = 0x1000_0000L;
    private static final long POOL = 256 * MIB;

    final MemoryService memory = BenchMemory.open();
    final Sandbox sandbox;

    private Ground(Function<MemoryService, Sandbox> opening) {
        this.sandbox = opening.apply(memory);
    }

    /** With so many pools of 256 MiB, of which the first is asked first, and so many devices, {@link #DEVICES} among them. */
    static Ground of(int pools, int devices) {
        return filled(new Ground(BenchCore::over), pools, devices);
    }

    /** With 8 pools and 3 devices. */
    static Ground usual() {
        return of(8, 3);
    }

    /** As usual, but nothing is recorded of what is opened. */
    static Ground unobserved() {
        return filled(new Ground(BenchCore::unobserved), 8, 3);
    }

    /** With nothing yet. */
    static Ground empty() {
        return new Ground(BenchCore::over);
    }

    private static Ground filled(Ground ground, int pools, int devices) {
        for (int i = 0; i < pools; i++) {
            ground.pool("pool" + i, pools - i, FIRST_POOL + i * POOL, POOL);
        }
        ground.device("camera", "maxSegments=1 align=4K");
        ground.device("codec", "maxSegments=1 range=0x0..0xffffffffff");
        ground.device("display", "maxSegments=4 maxSegmentSize=64M");
        for (int i = 3; i < devices; i++) {
            ground.device("other" + i, "maxSegments=" + (1 + i % 7));
        }
        return ground;
    }

    Allocator pool(String id, int priority, long base, long byteSize) {
        Allocator pool = allocator(base, byteSize);
        sandbox.addAllocator(AllocatorSpec.of(id, "contig", priority), pool);
        return pool;
    }

    Allocator allocator(long base, long byteSize) {
        return new ContigFactory().create(Map.of("base", base, "size", byteSize, "placement", "frames"), memory).allocator();
    }

    void device(String name, String path) {
        sandbox.addDevice(Device.of(name, List.of(DmaPath.parse(path))), Map.of());
    }

    Exporter exporter(String owner) {
        return sandbox.exporter(owner);
    }
}
