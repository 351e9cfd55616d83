// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AddressRanges;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.PlacementPromise;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A mapper that maps no memory of a heap: such storage is refused for its devices, and moves when one of them joins. */
class HeapBehindIommuTest {
    private static final long SIZE = 64 * Bench.KIB;

    private final Bench bench = new Bench();
    private final CoreSandbox sandbox = new CoreSandbox(HeapMachine.over(bench.memory), Settings.DEFAULT, _ -> {});
    private final Exporter exporter = sandbox.exporter("app");
    private final PoolAllocator heap = new PoolAllocator(0x4000_0000L, Bench.MIB);

    HeapBehindIommuTest() {
        heap.allocating = HeapBehindIommuTest::fromHeap;
        sandbox.addAllocator(AllocatorSpec.of("heap", "scripted", 200), heap);
        sandbox.addMapper(new TestMapper("mmu") {
            @Override
            public boolean mapsHeapMemory() {
                return false;
            }
        });
        sandbox.addDevice(Device.of("cam", List.of(DmaPath.parse(""))), Map.of());
        sandbox.addDevice(Device.of("engine", List.of(DmaPath.parse("iommu=mmu"))), Map.of());
    }

    @AfterEach
    void nothingIsLeft() {
        sandbox.close();
        bench.close();
    }

    private static Allocation fromHeap(AllocationRequest request) {
        AddressRanges ram = AddressRanges.parse("0x40000000..0x7fffffff");
        return Allocation.unplaced(
                request.memory(MemorySource.heap("system"), request.storageSize()),
                request.storageSize(),
                new PlacementPromise(Bench.PAGE, Bench.PAGE, ram));
    }

    @Test
    void itIsRefusedForItsDevices() {
        DmaBuf frame = exporter.create(BufferRequest.ofSize(SIZE));
        frame.attach("engine");
        assertThat(Bench.refusal(() -> frame.beginCpuAccess(CpuMode.WRITE)))
                .hasMessageContaining("memory of heap:system is not mapped from user space (engine)");
    }

    @Test
    void itMovesWithItsBytesWhenOneOfThemJoins() {
        sandbox.addAllocator(AllocatorSpec.of("pages", "scripted", 100), new PoolAllocator(0x5000_0000L, Bench.MIB));
        DmaBuf frame = exporter.create(BufferRequest.ofSize(SIZE));
        frame.attach("cam").map(Direction.FROM_DEVICE).close();
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill((byte) 7);
        }
        assertThat(frame.info().source().orElseThrow().name()).isEqualTo("heap:system");
        try (Mapping mapping = frame.attach("engine").map(Direction.TO_DEVICE)) {
            assertThat(mapping.allocator()).isEqualTo("pages");
        }
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly((byte) 7);
        }
    }
}
