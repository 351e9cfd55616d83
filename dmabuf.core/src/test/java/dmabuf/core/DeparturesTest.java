// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Exporter;
import dmabuf.api.LatePolicy;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.UserMapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Allocators, devices, mappers, owners and the core itself leave, in every state of a buffer. */
class DeparturesTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x2000_0000L;

    private final Bench bench = new Bench().devices("cam", "codec");

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void idleStorageMovesAtOnceAlsoWhereMovingIsForbidden() {
        PoolAllocator leaving = bench.pool("leaving", 9, LOW);
        bench.pool("staying", 1, HIGH);
        DmaBuf frame = bench.exporter.create(
                BufferRequest.ofSize(4096).withName("frame").withLatePolicy(LatePolicy.REFUSE));
        fill(frame, (byte) 4);
        bench.sandbox.removeAllocator("leaving");
        assertThat(frame.info().allocator()).hasValue("staying");
        assertThat(frame.info().moves()).isEqualTo(1);
        assertThat(leaving.releases).as("never called after it left").hasValue(0);
        verify(frame, (byte) 4);
    }

    @Test
    void storageInUseStaysUntilTheLastUnmapAndThenMoves() {
        bench.pool("leaving", 9, LOW);
        bench.pool("staying", 1, HIGH);
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        fill(frame, (byte) 6);
        bench.sandbox.removeAllocator("leaving");
        assertThat(mapping.table().contiguousAddress()).hasValue(LOW);
        assertThat(mapping.allocator()).isEqualTo("leaving");
        assertThat(cam.map(Direction.TO_DEVICE).table()).as("also a new map").isEqualTo(mapping.table());
        frame.info().attachments().forEach(info -> assertThat(info.mappings()).isEqualTo(2));
        assertThat(frame.info().orphaned()).isFalse();
        mapping.close();
        assertThat(frame.info().allocator()).as("one map is left").hasValue("leaving");
        bench.sandbox.removeDevice("cam");
        assertThat(frame.info().allocator()).hasValue("staying");
        verify(frame, (byte) 6);
    }

    @Test
    void theLastUnmapMovesItAlsoWhileItsDeviceStays() {
        bench.pool("leaving", 9, LOW);
        bench.pool("staying", 1, HIGH);
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        fill(frame, (byte) 6);
        bench.sandbox.removeAllocator("leaving");
        mapping.close();
        assertThat(frame.info().allocator()).hasValue("staying");
        verify(frame, (byte) 6);
    }

    @Test
    void anOrphanKeepsItsStorageAndIsTakenByALaterAllocator() {
        bench.pool("only", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        fill(frame, (byte) 2);
        bench.sandbox.removeAllocator("only");
        assertThat(frame.info().orphaned()).isTrue();
        assertThat(frame.info().state()).isEqualTo(BufferState.BACKED);
        verify(frame, (byte) 2);
        assertThat(cam.map(Direction.TO_DEVICE).table().contiguousAddress()).hasValue(LOW);
        bench.pool("later", 0, HIGH);
        assertThat(frame.info().orphaned()).as("mapped: it moves at the last unmap").isFalse();
        bench.sandbox.removeDevice("cam");
        assertThat(frame.info().allocator()).hasValue("later");
        assertThat(frame.info().orphaned()).isFalse();
        verify(frame, (byte) 2);
    }

    @Test
    void anOrphanMovesWhenTheDeviceDetachesThatKeptItThere() {
        bench.pool("only", 9, LOW);
        bench.pool("elsewhere", 1, HIGH);
        bench.device("low", "range=0x10000000..0x1fffffff");
        DmaBuf frame = bench.buffer(4096);
        Attachment low = frame.attach("low");
        fill(frame, (byte) 2);
        bench.sandbox.removeAllocator("only");
        assertThat(frame.info().orphaned()).isTrue();
        low.close();
        assertThat(frame.info().orphaned()).isFalse();
        assertThat(frame.info().allocator()).hasValue("elsewhere");
        verify(frame, (byte) 2);
    }

    @Test
    void anIdleOrphanMovesWhenAnAllocatorArrives() {
        bench.pool("only", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        fill(frame, (byte) 2);
        bench.sandbox.removeAllocator("only");
        bench.pool("later", 0, HIGH);
        assertThat(frame.info().allocator()).hasValue("later");
        assertThat(frame.info().orphaned()).isFalse();
        verify(frame, (byte) 2);
    }

    @Test
    void theHolderOfAnIdLeavesAndTheOneOnStandbyTakesOver() {
        bench.pool("pool", 0, LOW);
        Bench.refusal(() -> bench.pool("pool", 0, HIGH));
        DmaBuf frame = bench.buffer(4096);
        fill(frame, (byte) 1);
        assertThat(frame.info().segments().getFirst().address()).isEqualTo(LOW);
        bench.sandbox.removeAllocator("pool");
        assertThat(frame.info().segments().getFirst().address()).isEqualTo(HIGH);
        assertThat(bench.exporter.allocators()).singleElement().satisfies(info -> assertThat(info.standby()).isFalse());
        verify(frame, (byte) 1);
    }

    @Test
    void anAllocatorThatLeavesWhileItAnswersIsPassedOver() {
        PoolAllocator leaving = bench.pool("leaving", 9, LOW);
        bench.pool("staying", 1, HIGH);
        leaving.allocating = request -> {
            bench.sandbox.removeAllocator("leaving");
            return leaving.lowest(request);
        };
        DmaBuf frame = bench.buffer(4096);
        assertThat(frame.attach("cam").map(Direction.TO_DEVICE).allocator()).isEqualTo("staying");
        frame.close();
    }

    @Test
    void manyIdleBuffersMoveAndNoneIsLost() {
        bench.pool("leaving", 9, LOW);
        bench.pool("staying", 1, HIGH);
        List<DmaBuf> frames = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            DmaBuf frame = bench.buffer(4096);
            fill(frame, (byte) i);
            frames.add(frame);
        }
        bench.sandbox.removeAllocator("leaving");
        for (int i = 0; i < 500; i++) {
            assertThat(frames.get(i).info().allocator()).hasValue("staying");
            verify(frames.get(i), (byte) i);
        }
    }

    @Test
    void aLeavingDeviceEndsItsMappingsAndTheCombinationWidens() {
        bench.device("strict", "align=64K");
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        Attachment strict = frame.attach("strict");
        Mapping other = frame.attach("cam").map(Direction.TO_DEVICE);
        Mapping mapping = strict.map(Direction.TO_DEVICE);
        bench.sandbox.removeDevice("strict");
        assertThat(Bench.refusal(mapping::table)).hasMessage("device strict has left buffer frame");
        assertThat(Bench.refusal(() -> strict.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.GONE);
        assertThat(frame.info().attachments()).extracting(AttachmentInfo::device).containsExactly("cam");
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.NEUTRAL);
        assertThat(other.table().contiguousAddress()).hasValue(LOW);
        mapping.close();
        strict.close();
        DmaBufException gone = Bench.refusal(() -> frame.attach("strict"));
        assertThat(gone.reason()).isEqualTo(Reason.GONE);
        assertThat(gone).hasMessage("device strict has left");
        bench.device("strict", "align=64K");
        frame.attach("strict");
    }

    @Test
    void aLeavingDeviceIsUnmappedAtItsMapper() {
        TestMapper mapper = gpuBehindMapper();
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        frame.attach("gpu").map(Direction.TO_DEVICE);
        assertThat(mapper.mapped).hasSize(1);
        bench.sandbox.removeDevice("gpu");
        assertThat(mapper.mapped).isEmpty();
    }

    @Test
    void whatALeavingMapperMappedStaysUntilItIsUnmapped() {
        TestMapper mapper = gpuBehindMapper();
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        Attachment gpu = frame.attach("gpu");
        Mapping mapping = gpu.map(Direction.TO_DEVICE);
        bench.sandbox.removeMapper(mapper);
        assertThat(mapping.table().contiguousAddress()).hasValue(0x10_0000);
        DmaBufException refusal = Bench.refusal(() -> gpu.map(Direction.TO_DEVICE));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refusal.explanation().blames()).extracting(Object::toString).containsExactly("gpu.iommu");
        assertThat(refusal).hasMessage("no mapper for smmu is present (gpu)");
        TestMapper next = new TestMapper("smmu");
        bench.sandbox.addMapper(next);
        Mapping again = gpu.map(Direction.TO_DEVICE);
        assertThat(next.mapped).as("taken over, and used again").hasSize(1);
        assertThat(again.table()).isEqualTo(mapping.table());
        again.close();
        assertThat(mapping.table().contiguousAddress()).hasValue(0x10_0000);
        mapping.close();
        assertThat(next.mapped).isEmpty();
        assertThat(mapper.mapped).as("nobody calls who left").hasSize(1);
    }

    @Test
    void theIoMappingIsMadeAtTheFirstMapAndUndoneAtTheLastUnmap() {
        TestMapper mapper = gpuBehindMapper();
        bench.pool("pool", 0, LOW);
        Attachment gpu = bench.buffer(4096).attach("gpu");
        assertThat(mapper.mapped).isEmpty();
        Mapping first = gpu.map(Direction.TO_DEVICE);
        Mapping second = gpu.map(Direction.TO_DEVICE);
        assertThat(mapper.mapped).hasSize(1);
        first.close();
        assertThat(mapper.mapped).hasSize(1);
        second.close();
        assertThat(mapper.mapped).isEmpty();
    }

    private TestMapper gpuBehindMapper() {
        TestMapper mapper = new TestMapper("smmu");
        bench.sandbox.addMapper(mapper);
        bench.sandbox.addDevice(
                Device.of("gpu", List.of(Bench.path("").withIommu("smmu"))), Map.of());
        return mapper;
    }

    @Test
    void whatALeavingOwnerHeldIsReclaimedAndOthersGoOn() {
        PoolAllocator pool = bench.pool("pool", 0, LOW);
        Exporter viewer = bench.sandbox.exporter("viewer");
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        CpuAccess access = frame.beginCpuAccess(CpuRequest.of(CpuMode.READ).withShared());
        MemorySegment segment = access.segment();
        UserMapping view = frame.mapForUser(CpuRequest.of(CpuMode.READ));
        DmaBuf other = viewer.open(frame.id());
        other.attach("codec").map(Direction.FROM_DEVICE);
        DmaBuf unshared = bench.buffer(4096);
        fill(unshared, (byte) 1);

        bench.sandbox.removeOwner("app");

        assertThat(Bench.refusal(mapping::table)).hasMessage("bundle app has stopped");
        assertThat(Bench.refusal(() -> cam.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(() -> frame.attach("cam")).reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(view::begin).reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(() -> bench.exporter.create(BufferRequest.ofSize(1))).reason()).isEqualTo(Reason.GONE);
        assertThat(segment.scope().isAlive()).isFalse();
        assertThat(unshared.info().state()).isEqualTo(BufferState.RELEASED);
        assertThat(other.info().references()).isEqualTo(1);
        assertThat(other.info().attachments()).singleElement().satisfies(info -> {
            assertThat(info.device()).isEqualTo("codec");
            assertThat(info.mappings()).isEqualTo(1);
        });
        assertThat(pool.statistics().live()).isEqualTo(1);
        assertThat(viewer.buffers()).hasSize(1);
        assertThat(bench.sandbox.exporter("app").create(BufferRequest.ofSize(1)).id()).as("it starts again").isPositive();
        access.close();
        mapping.close();
        frame.close();
    }

    @Test
    void afterTheCoreStoppedEveryCallAnswersGone() {
        PoolAllocator pool = bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        UserMapping view = frame.mapForUser(CpuRequest.of(CpuMode.READ));
        bench.sandbox.close();
        assertThat(pool.releases).hasValue(1);
        assertThat(bench.memory.inUse()).isZero();
        for (DmaBufException refusal : List.of(
                Bench.refusal(() -> frame.attach("codec")), Bench.refusal(() -> cam.map(Direction.TO_DEVICE)),
                Bench.refusal(mapping::table), Bench.refusal(view::begin), Bench.refusal(frame::move),
                Bench.refusal(() -> frame.beginCpuAccess(CpuMode.READ)), Bench.refusal(frame::withdrawExpected),
                Bench.refusal(bench.exporter::buffers), Bench.refusal(bench.exporter::devices),
                Bench.refusal(() -> bench.exporter.open(1)), Bench.refusal(() -> bench.exporter.merge(List.of())),
                Bench.refusal(() -> bench.sandbox.exporter("app")))) {
            assertThat(refusal.reason()).isEqualTo(Reason.GONE);
        }
        assertThat(frame.info().state()).isEqualTo(BufferState.RELEASED);
        mapping.close();
        cam.close();
        view.close();
        frame.close();
    }

    private static void fill(DmaBuf frame, byte value) {
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill(value);
        }
    }

    private static void verify(DmaBuf frame, byte value) {
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(value);
        }
    }
}
