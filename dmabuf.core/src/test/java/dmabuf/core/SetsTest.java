// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.SetBuffer;
import dmabuf.api.SetDevice;
import dmabuf.api.SetInfo;
import dmabuf.api.SetRequest;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Sets of buffers: one negotiation, storage for all of them or for none, and whose they are. */
class SetsTest extends SetStage {
    @Test
    void noMemoryIsUsedBeforeTheFirstAcquisitionAndThenAllBuffersHaveIt() {
        BufferSet set = preview();
        assertThat(set.tryAcquire()).as("not prepared").isEmpty();
        assertThat(set.info().generation()).isZero();
        assertThat(high.requests).hasValue(0);
        assertThat(bench.exporter.buffers()).isEmpty();
        SetBuffer first = set.acquire(Duration.ZERO);
        assertThat(high.requests).hasValue(COUNT);
        assertThat(first.mapping("cam").direction()).isEqualTo(Direction.FROM_DEVICE);
        assertThat(first.mapping("(name=display)").direction()).isEqualTo(Direction.TO_DEVICE);
        assertThatIllegalArgumentException().isThrownBy(() -> first.mapping("encoder"))
                .withMessage("device encoder is not of set queue");
        assertThat(bench.exporter.buffers()).hasSize(COUNT).allSatisfy(info -> {
            assertThat(info.allocator()).contains("high");
            assertThat(info.attachments()).extracting(each -> each.device() + each.mappings())
                    .containsExactly("cam1", "display1");
        });
        SetInfo info = bench.exporter.sets().getFirst();
        assertThat(info).isEqualTo(set.info());
        assertThat(info.free()).isEqualTo(COUNT - 1);
        assertThat(info.acquired()).isEqualTo(1);
        assertThat(info.allocator()).contains("high");
        assertThat(info.devices()).containsExactly(
                new SetDevice("cam", Direction.FROM_DEVICE), new SetDevice("display", Direction.TO_DEVICE));
        assertThat(info.buffers()).hasSize(COUNT).contains(first.buffer().id()).doesNotContain(info.id());
        assertThat(Bench.refusal(() -> bench.exporter.open(info.id()))).hasMessage("1 is a set: open one of its buffers");
        set.close();
        first.close();
    }

    @Test
    void allBuffersComeFromOneAllocatorOrNone() {
        PoolAllocator small = bench.pool("small", 10, 0x2000_0000L, 3 * SIZE);
        BufferSet set = queue();
        set.prepare();
        assertThat(set.info().allocator()).contains("high");
        assertThat(small.requests).as("it was asked until it had no more").hasValue(COUNT);
        assertThat(small.statistics().live()).isZero();
        SetBuffer frame = set.acquire(Duration.ZERO);
        assertThat(frame.buffer().info().lastDecision()).extracting(each -> each.allocator() + ": " + each.text())
                .containsExactly(
                        "small: gave 3 of these, but then: no room for 8192 bytes", "high: gave 4 times 1 run of memory");
        set.close();
        frame.close();
    }

    @Test
    void whenNobodyHasRoomForAllNothingIsKept() {
        high.allocating = _ -> {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, "full");
        };
        low.allocating = high.allocating;
        BufferSet set = preview();
        DmaBufException refusal = Bench.refusal(() -> set.acquire(LONG));
        assertThat(refusal.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(set.info().lastRefusal()).contains(refusal.explanation());
        assertThat(bench.exporter.buffers()).isEmpty();
        assertThat(bench.memory.inUse()).isZero();
        high.allocating = high::lowest;
        set.acquire(Duration.ZERO).close();
    }

    @Test
    void anOwnerThatStopsLosesTheSetAtOnceAndOthersKeepWhatTheyOpened() {
        BufferSet set = preview();
        List<SetBuffer> all = acquireAll(set);
        fill(all.getFirst(), 3);
        DmaBuf theirs = bench.sandbox.exporter("other").open(all.getFirst().buffer().id());
        CompletableFuture<DmaBufException> waiting =
                CompletableFuture.supplyAsync(() -> Bench.refusal(() -> set.acquire(LONG)));
        bench.sandbox.removeOwner("app");
        assertThat(waiting.join().reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(set::tryAcquire).reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(() -> all.getFirst().buffer()).reason()).isEqualTo(Reason.GONE);
        assertThat(bench.sandbox.exporter("other").buffers()).singleElement().satisfies(info ->
                assertThat(info.id()).isEqualTo(theirs.id()));
        assertThat(bench.sandbox.exporter("other").sets()).isEmpty();
        try (CpuAccess access = theirs.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 3);
        }
        all.forEach(SetBuffer::close);
        theirs.close();
        assertThat(high.statistics().live()).isZero();
    }

    @Test
    void anOwnerThatStopsTakesNoSetOfOthersAlong() {
        BufferSet theirs = bench.sandbox.exporter("viewer").createSet(SetRequest.of(BufferRequest.ofSize(SIZE), 1));
        preview().prepare();
        bench.sandbox.removeOwner("app");
        theirs.acquire(Duration.ZERO).close();
        theirs.close();
    }

    @Test
    void oneBufferThatCannotBeMappedLeavesNothingOfTheOthers() {
        TestMapper mapper = new TestMapper("smmu");
        AtomicInteger maps = new AtomicInteger();
        mapper.answering = piece -> {
            if (maps.incrementAndGet() == 2) {
                throw new DmaBufException(Reason.OUT_OF_MEMORY, "no more addresses");
            }
            return piece;
        };
        bench.sandbox.addMapper(mapper);
        bench.sandbox.addDevice(Device.of("gpu", List.of(Bench.path("").withIommu("smmu"))), Map.of());
        BufferSet set = queue();
        set.attach("gpu", Direction.BIDIRECTIONAL);
        assertThat(Bench.refusal(set::prepare).reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(mapper.mapped).isEmpty();
        assertThat(bench.memory.inUse()).isZero();
        assertThat(bench.exporter.buffers()).isEmpty();
        set.prepare();
        assertThat(mapper.mapped).hasSize(COUNT);
        set.close();
    }

    /** The storage of all its buffers is chosen together, so none of them moves alone. */
    @Test
    void nobodyMovesOneBufferOfASet() {
        BufferSet set = queue();
        set.prepare();
        long id = set.info().buffers().getFirst();
        try (DmaBuf opened = bench.sandbox.exporter("viewer").open(id)) {
            assertThat(Bench.refusal(opened::move)).hasMessageEndingWith("it is held; held by set queue");
        }
        set.close();
    }

    @Test
    void wrongRequestsAreRefused() {
        BufferRequest plain = BufferRequest.ofSize(SIZE);
        assertThat(Bench.refusal(() -> SetRequest.of(plain, 0)))
                .hasMessage("count=0 is not allowed: a set has 1 to 1024 buffers");
        assertThat(Bench.refusal(() -> SetRequest.of(plain, 1025)).reason()).isEqualTo(Reason.INVALID);
        assertThat(Bench.refusal(() -> SetRequest.of(plain.withExpectedDevices(List.of("cam")), 2)))
                .hasMessage("a set waits for no devices: attach them to the set");
        assertThat(Bench.refusal(() -> bench.exporter.createSet(SetRequest.of(plain.withFlags(List.of("nonsense")), 2)))
                        .reason())
                .isEqualTo(Reason.INVALID);
        assertThat(bench.exporter.sets()).isEmpty();
    }
}
