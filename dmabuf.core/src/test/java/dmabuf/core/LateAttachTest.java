// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.LatePolicy;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Devices that attach to a buffer that has storage: they join, the storage moves, or they are refused. */
class LateAttachTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x1_0000_0000L;

    /** Short for holders, so that the refusals of slow ones come soon. */
    private final Bench bench =
            new Bench(new Settings(Duration.ofSeconds(20), Duration.ofMillis(50), OptionalLong.empty()));

    private final PoolAllocator high = bench.pool("high", 9, HIGH);
    private final PoolAllocator low = bench.pool("low", 1, LOW);

    LateAttachTest() {
        bench.devices("any", "other").device("narrow", "range=0x0..0xffffffff").device("aligned", "align=64K");
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(high.statistics().live() + low.statistics().live()).isZero();
    }

    @Test
    void aNewcomerJoinsStorageThatSuitsIt() {
        DmaBuf frame = bench.buffer(8192);
        Mapping first = frame.attach("any").map(Direction.TO_DEVICE);
        Attachment late = frame.attach("aligned");
        assertThat(late.map(Direction.TO_DEVICE).table()).isEqualTo(first.table());
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse("align=64K"));
        assertThat(frame.info().moves()).isZero();
        assertThat(high.requests).hasValue(1);
    }

    @Test
    void idleStorageMovesForANewcomerAndKeepsItsContents() {
        DmaBuf frame = filled((byte) 5);
        Attachment any = frame.attach("any");
        any.map(Direction.TO_DEVICE).close();
        Attachment late = frame.attach("narrow");
        assertThat(frame.info().moves()).isEqualTo(1);
        assertThat(late.map(Direction.TO_DEVICE).table().contiguousAddress()).hasValue(LOW);
        assertThat(any.map(Direction.TO_DEVICE).table().contiguousAddress()).hasValue(LOW);
        assertThat(high.releases).hasValue(1);
        verify(frame, (byte) 5);
    }

    @Test
    void mappedStorageStaysAndTheHolderIsNamedAndCounted() {
        DmaBuf frame = bench.buffer(8192);
        Mapping held = frame.attach("any").map(Direction.TO_DEVICE);
        BufferInfo before = frame.info();
        DmaBufException refusal = Bench.refusal(() -> frame.attach("narrow"));
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(refusal.explanation().blames()).extracting(Object::toString).containsExactly("any");
        assertThat(refusal).hasMessage("the storage of buffer frame cannot move: it is held; held by any");
        assertThat(frame.info())
                .usingRecursiveComparison()
                .ignoringFields("lastRefusal", "attachments.earlyMaps")
                .isEqualTo(before);
        Bench.refusal(() -> frame.attach("narrow"));
        assertThat(frame.info().attachments().getFirst().earlyMaps()).isEqualTo(2);
        assertThat(bench.sandbox.warnings()).as("once in the log").singleElement().asString()
                .startsWith("early map: device any mapped buffer frame before narrow attached");
        held.close();
        frame.attach("narrow");
    }

    @Test
    void onlyHoldersThatDoNotLetGoAreNamed() {
        DmaBuf frame = bench.buffer(8192);
        frame.attach("any").map(MapRequest.of(Direction.TO_DEVICE).withMoveListener(Mapping::close));
        Mapping fixed = frame.attach("other").map(Direction.TO_DEVICE);
        DmaBufException refusal = Bench.refusal(() -> frame.attach("narrow"));
        assertThat(refusal.explanation().blames()).extracting(Object::toString).containsExactly("other");
        assertThat(frame.info().attachments()).extracting(info -> info.mappings()).containsExactly(1, 1);
        fixed.close();
    }

    @Test
    void aCpuAccessHoldsTheStorageToo() {
        DmaBuf frame = bench.buffer(8192);
        frame.attach("any");
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
            DmaBufException refusal = Bench.refusal(() -> frame.attach("narrow"));
            assertThat(refusal.reason()).as("%s", access.mode()).isEqualTo(Reason.BUSY);
            assertThat(refusal.explanation().blames()).isEmpty();
            assertThat(refusal).hasMessageEndingWith("cannot move: it is held; held by the CPU, for app");
        }
    }

    @Test
    void theCreatorCanForbidMoving() {
        DmaBuf frame = bench.exporter.create(
                BufferRequest.ofSize(8192).withName("frame").withLatePolicy(LatePolicy.REFUSE));
        frame.attach("any").map(Direction.TO_DEVICE).close();
        DmaBufException refusal = Bench.refusal(() -> frame.attach("narrow"));
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(refusal).hasMessage("the storage of buffer frame cannot move: its creator forbids moving");
        assertThat(Bench.refusal(frame::move).reason()).isEqualTo(Reason.BUSY);
        frame.attach("aligned");
    }

    @Test
    void holdersThatLetGoAreToldAndTheStorageMoves() {
        DmaBuf frame = filled((byte) 3);
        Attachment any = frame.attach("any");
        List<Mapping> told = new CopyOnWriteArrayList<>();
        MapRequest movable = MapRequest.of(Direction.TO_DEVICE).withMoveListener(mapping -> {
            told.add(mapping);
            mapping.close();
        });
        Mapping first = any.map(movable);
        Mapping second = any.map(movable);
        frame.attach("narrow");
        assertThat(told).containsExactlyInAnyOrder(first, second);
        assertThat(frame.info().moves()).isEqualTo(1);
        verify(frame, (byte) 3);
    }

    @Test
    void aHolderMayMapAgainAtOnceAndSeesTheNewPlace() {
        DmaBuf frame = bench.buffer(8192);
        Attachment any = frame.attach("any");
        CompletableFuture<Mapping> again = new CompletableFuture<>();
        any.map(MapRequest.of(Direction.TO_DEVICE).withMoveListener(mapping -> {
            mapping.close();
            again.completeAsync(() -> any.map(Direction.TO_DEVICE));
        }));
        frame.attach("narrow");
        assertThat(again.join().table().contiguousAddress()).hasValue(LOW);
    }

    @Test
    void aHolderThatDoesNotLetGoInTimeMakesItBusy() {
        DmaBuf frame = bench.buffer(8192);
        Attachment any = frame.attach("any");
        Mapping stubborn = any.map(MapRequest.of(Direction.TO_DEVICE).withMoveListener(_ -> {
            throw new IllegalStateException("no");
        }));
        DmaBufException refusal = Bench.refusal(() -> frame.attach("narrow"));
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(refusal).hasMessageContaining("its holders did not let go in time");
        assertThat(stubborn.table().contiguousAddress()).hasValue(HIGH);
        assertThat(any.map(Direction.TO_DEVICE).table()).as("others map again").isEqualTo(stubborn.table());
    }

    @Test
    void aMoveForWhichNobodyHasRoomFailsWithThatReasonAndChangesNothing() {
        DmaBuf frame = filled((byte) 8);
        frame.attach("any");
        low.allocating = _ -> {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, "full");
        };
        BufferInfo before = frame.info();
        DmaBufException refusal = Bench.refusal(() -> frame.attach("narrow"));
        assertThat(refusal.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(refusal.explanation().blames()).extracting(Object::toString).containsExactly("low");
        assertThat(frame.info()).usingRecursiveComparison().ignoringFields("lastRefusal", "lastDecision").isEqualTo(before);
        verify(frame, (byte) 8);
    }

    @Test
    void aDeviceWithAlternativesJoinsOnTheOneThatSuits() {
        bench.sandbox.addMapper(new TestMapper("smmu"));
        bench.sandbox.addDevice(
                Device.of("gpu", List.of(Bench.path("range=0x0..0xffffffff"), Bench.path("").withIommu("smmu"))),
                Map.of());
        DmaBuf frame = bench.buffer(8192);
        Mapping held = frame.attach("any").map(Direction.TO_DEVICE);
        Mapping late = frame.attach("gpu").map(Direction.TO_DEVICE);
        assertThat(late.table().contiguousAddress()).hasValue(0x10_0000);
        assertThat(held.table().contiguousAddress()).hasValue(HIGH);
        held.close();
    }

    private DmaBuf filled(byte value) {
        DmaBuf frame = bench.buffer(8192);
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill(value);
        }
        return frame;
    }

    private static void verify(DmaBuf frame, byte value) {
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(value);
        }
    }
}
