// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AddressKnowledge;
import dmabuf.api.AddressRanges;
import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaPath;
import dmabuf.api.Mapping;
import dmabuf.api.Plan;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.MappingRequest;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.PlacementPromise;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Storage whose addresses the kernel alone knows: it serves whom it would serve anywhere, and nobody else. */
class UnplacedStorageTest {
    private static final AddressRanges RAM = AddressRanges.parse("0x40000000..0x7fffffff");
    private static final long SIZE = 64 * Bench.KIB;

    private final Bench bench = new Bench(Settings.DEFAULT, HeapMachine::over);
    private MemorySource source = MemorySource.heap("cma");
    private final PoolAllocator heap = bench.pool("heap", 200, 0x4000_0000L);
    private PlacementPromise promise = new PlacementPromise(Bench.PAGE, Bench.PAGE, RAM);

    UnplacedStorageTest() {
        heap.allocating = request -> Allocation.unplaced(
                request.memory(source, request.storageSize()), request.storageSize(), promise);
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void aDeviceThatTakesAnythingGetsItsAddressesFromTheKernel() {
        bench.device("cam", "");
        DmaBuf frame = bench.buffer(SIZE);
        try (Mapping mapping = frame.attach("cam").map(Direction.FROM_DEVICE)) {
            assertThat(mapping.hasTable()).isFalse();
            assertThat(Bench.refusal(mapping::table))
                    .hasMessageContaining("openFile() to the driver of cam")
                    .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.ACCESS));
            assertThat(mapping.openFile().extents()).isEmpty();
        }
        BufferInfo info = frame.info();
        assertThat(info.segments()).isEmpty();
        assertThat(info.source()).hasValueSatisfying(
                source -> assertThat(source.addresses()).isEqualTo(AddressKnowledge.UNKNOWN));
    }

    @Test
    void whoNeedsToKnowIsRefusedAndToldWhatIsUnknown() {
        bench.device("cam", "maxSegments=1");
        DmaBuf frame = bench.buffer(SIZE);
        Attachment cam = frame.attach("cam");
        assertThat(Bench.refusal(() -> cam.map(Direction.FROM_DEVICE)))
                .hasMessageContaining("heap segments unknown: max=1, may be 16 (cam)");
        assertThat(heap.releases).as("what was refused is given back").hasValue(1);
        promise = new PlacementPromise(SIZE, Bench.PAGE, RAM);
        cam.map(Direction.FROM_DEVICE).close();
        assertThat(frame.info().source()).hasValueSatisfying(
                source -> assertThat(source.addresses()).isEqualTo(AddressKnowledge.PROMISED));
    }

    @Test
    void whoIsToldNoAddressesHasADmaBufToImport() {
        bench.device("cam", "");
        source = MemorySource.MEMFD;
        Attachment cam = bench.buffer(SIZE).attach("cam");
        assertThat(Bench.refusal(() -> cam.map(Direction.FROM_DEVICE)))
                .hasMessageContaining("addresses unknown, and memory of memfd is no dma-buf that a driver imports (cam)");
    }

    @Test
    void aPlanSaysSoBeforehand() {
        bench.device("cam", "maxSegments=1");
        Plan plan = bench.exporter.plan(BufferRequest.ofSize(SIZE), List.of("cam"));
        assertThat(plan.refusal()).hasValueSatisfying(
                refusal -> assertThat(refusal.text()).contains("segments unknown: max=1, may be 16 (cam)"));
        bench.pool("contig", 100, 0x5000_0000L);
        Plan next = bench.exporter.plan(BufferRequest.ofSize(SIZE), List.of("cam"));
        assertThat(next.allocator()).hasValue("contig");
    }

    @Test
    void aLateJoinerWhoNeedsToKnowMovesItWithItsBytes() {
        bench.device("cam", "").device("display", "maxSegments=1");
        bench.pool("contig", 100, 0x5000_0000L);
        DmaBuf frame = bench.buffer(SIZE);
        frame.attach("cam").map(Direction.FROM_DEVICE).close();
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill((byte) 7);
        }
        try (Mapping mapping = frame.attach("display").map(Direction.TO_DEVICE)) {
            assertThat(mapping.allocator()).isEqualTo("contig");
            assertThat(mapping.table().contiguousAddress()).hasValue(0x5000_0000L);
        }
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly((byte) 7);
        }
    }

    @Test
    void aBufferThatAsksForMoreAlignmentThanPromisedIsRefused() {
        DmaBuf frame = bench.exporter.create(
                BufferRequest.ofSize(SIZE).withAlignment(64 * Bench.KIB).withName("frame"));
        assertThat(Bench.refusal(() -> frame.beginCpuAccess(CpuMode.READ)))
                .hasMessageContaining("first address not aligned: alignment=0x10000, actual=0x1000");
    }

    @Test
    void aMapperMapsItByItsMemory() {
        List<MappingRequest> asked = new ArrayList<>();
        bench.sandbox.addMapper(new TestMapper("mmu") {
            @Override
            public Segment map(MappingRequest request) {
                asked.add(request);
                return map(request.device(), List.of(new Segment(0x4000_0000L, request.byteSize())));
            }
        });
        bench.sandbox.addDevice(Device.of("engine", List.of(DmaPath.parse("iommu=mmu"))), Map.of());
        DmaBuf frame = bench.buffer(SIZE - 100);
        try (Mapping mapping = frame.attach("engine").map(Direction.TO_DEVICE)) {
            assertThat(mapping.table().contiguousAddress()).hasValue(0x10_0000);
        }
        assertThat(asked).singleElement().satisfies(request -> {
            assertThat(request.physical()).isEmpty();
            assertThat(request.byteSize()).isEqualTo(SIZE);
            assertThat(request.memory().byteSize()).isEqualTo(SIZE);
        });
    }

    @Test
    void aMapperThatMapsByAddressesRefusesIt() {
        bench.sandbox.addMapper(new TestMapper("mmu"));
        bench.sandbox.addDevice(Device.of("engine", List.of(DmaPath.parse("iommu=mmu"))), Map.of());
        Attachment engine = bench.buffer(SIZE).attach("engine");
        assertThat(Bench.refusal(() -> engine.map(Direction.TO_DEVICE)))
                .hasMessageContaining("known to the kernel alone: domain mmu maps by addresses");
    }

    @Test
    void pagesAreAsLargeAsTheIommuMapsThem() {
        bench.sandbox.addMapper(new TestMapper("mmu"));
        bench.sandbox.addDevice(Device.of("engine", List.of(DmaPath.parse("iommu=mmu granule=16K"))), Map.of());
        Attachment engine = bench.buffer(SIZE).attach("engine");
        assertThat(Bench.refusal(() -> engine.map(Direction.TO_DEVICE)))
                .hasMessageContaining("pages not aligned: alignment=0x4000, actual=0x1000 (engine)");
    }

    @Test
    void realAddressesNeverCollideWithThoseOfTheModel() {
        bench.device("cam", "");
        bench.pool("model", 300, 0x4000_0000L);
        DmaBuf modelled = bench.buffer(SIZE);
        modelled.attach("cam").map(Direction.TO_DEVICE).close();
        bench.sandbox.removeAllocator("model");
        heap.allocating = request -> Allocation.verified(
                request.memory(request.storageSize()), List.of(new Segment(0x4000_0000L, request.storageSize())));
        DmaBuf real = bench.buffer(SIZE);
        try (Mapping mapping = real.attach("cam").map(Direction.TO_DEVICE)) {
            assertThat(mapping.allocator()).isEqualTo("heap");
            assertThat(real.info().source().orElseThrow().addresses()).isEqualTo(AddressKnowledge.PAGEMAP);
        }
    }

    @Test
    void aShorterStorageIsALie() {
        heap.allocating = request -> Allocation.unplaced(
                request.memory(source, request.storageSize()), request.storageSize() - Bench.PAGE, promise);
        DmaBuf frame = bench.buffer(SIZE);
        assertThat(Bench.refusal(() -> frame.beginCpuAccess(CpuMode.READ)))
                .hasMessageContaining("wrong length: expected=0x10000, actual=0xf000");
    }
}
