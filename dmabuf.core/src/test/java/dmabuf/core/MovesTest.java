// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaConstraints;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceSource;
import dmabuf.api.FenceUsage;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.SetRequest;
import dmabuf.api.spi.Allocation;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Storage moves while others come, leave and map, and where one of the steps fails. */
class MovesTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x1_0000_0000L;
    private static final int SIZE = 8192;
    private static final String BELOW = "range=0x0..0xffffffff";
    private static final String ABOVE = "range=0x100000000..0x1ffffffff";

    private final StubbornMachine stubborn = new StubbornMachine();
    private final EventfulMachine machine = new EventfulMachine();

    /** Deadlines that only a hanging test reaches. */
    private final Bench bench = new Bench(
            new Settings(Duration.ofSeconds(60), Duration.ofSeconds(60), OptionalLong.empty()),
            real -> machine.over(stubborn.over(real)));

    private final PoolAllocator high = bench.pool("high", 9, HIGH);
    private final PoolAllocator low = bench.pool("low", 1, LOW);

    MovesTest() {
        bench.devices("any", "other").device("narrow", BELOW);
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void whoJoinsByAMoveIsAMember() {
        DmaBuf frame = filled();
        frame.attach("any");
        frame.attach("narrow");
        assertThat(frame.info().moves()).isEqualTo(1);
        assertThat(frame.info().attachments()).extracting(AttachmentInfo::device).containsExactly("any", "narrow");
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse(BELOW));
    }

    @Test
    void aDeviceThatLeavesDuringTheMoveForItIsNoMember() throws InterruptedException {
        DmaBuf frame = filled();
        BufferInfo before = frame.info();
        List<Thread> leaving = new ArrayList<>();
        machine.before("copy", () -> {
            leaving.add(Thread.ofPlatform().start(() -> bench.sandbox.removeDevice("narrow")));
            await().atMost(60, SECONDS)
                    .until(() -> !bench.sandbox.core().devices().snapshot().present().containsKey("narrow"));
        });
        assertThat(Bench.refusal(() -> frame.attach("narrow")).reason()).isEqualTo(Reason.GONE);
        leaving.getFirst().join();
        assertThat(frame.info()).usingRecursiveComparison().ignoringFields("lastRefusal").isEqualTo(before);
        assertThat(low.statistics().live()).isZero();
        verify(frame);
    }

    /** Memory may be larger than what is asked for; the bytes are then copied by the CPU, in brackets for the caches. */
    @Test
    void theContentComesFromLargerMemoryToo() {
        high.allocating = request -> {
            Allocation exact = high.lowest(request);
            return Allocation.of(request.memory(4 * SIZE), exact.segments());
        };
        DmaBuf frame = filled();
        int before = stubborn.accesses();
        frame.attach("narrow");
        assertThat(frame.info().allocator()).hasValue("low");
        assertThat(stubborn.accesses() - before).as("one of each memory").isEqualTo(2);
        assertThat(stubborn.begun()).as("accesses that did not end").isZero();
        verify(frame);
    }

    @Test
    void aClosedReferenceMovesNothingAndDisturbsNobody() {
        DmaBuf frame = filled();
        DmaBuf closed = bench.exporter.open(frame.id());
        closed.close();
        List<Mapping> told = new ArrayList<>();
        frame.attach("any").map(MapRequest.of(Direction.TO_DEVICE).withMoveListener(mapping -> {
            told.add(mapping);
            mapping.close();
        }));
        assertThat(Bench.refusal(closed::move).reason()).isEqualTo(Reason.GONE);
        assertThat(told).isEmpty();
    }

    @Test
    void whoMapsWhileHoldersAreAskedToLetGoWaitsForTheNewPlace() throws Exception {
        DmaBuf frame = filled();
        Attachment other = frame.attach("other");
        Mapping held = heldUntilClosed(frame, () -> {});
        Waiter<Attachment> attach = Waiter.of(() -> frame.attach("narrow"));
        await().atMost(60, SECONDS).untilAsserted(() -> assertThat(
                        Bench.refusal(() -> other.map(MapRequest.of(Direction.TO_DEVICE).withTrying())))
                .hasMessage("the storage of buffer frame is about to move"));
        Waiter<Mapping> map = Waiter.of(() -> other.map(Direction.TO_DEVICE));
        held.close();
        assertThat(attach.answer().device()).isEqualTo("narrow");
        assertThat(map.answer().table().contiguousAddress()).hasValue(LOW);
    }

    @Test
    void aFenceThatComesMeanwhileWaitsForTheNewPlace() throws Exception {
        DmaBuf frame = filled();
        CountDownLatch asked = new CountDownLatch(1);
        Mapping held = heldUntilClosed(frame, asked::countDown);
        Waiter<Attachment> attach = Waiter.of(() -> frame.attach("narrow"));
        Waiting.on(asked);
        Waiter<FenceSource> fence =
                Waiter.of(() -> frame.addFence(FenceRequest.of(FenceUsage.WRITE, Duration.ofSeconds(60))));
        held.close();
        attach.answer();
        assertThat(fence.answer().signal()).isTrue();
        assertThat(frame.info().moves()).isEqualTo(1);
    }

    @Test
    void whoLeavesWhileItsMapWaitsForAMoveIsNotMapped() throws Exception {
        DmaBuf frame = filled();
        Attachment other = frame.attach("other");
        CountDownLatch asked = new CountDownLatch(1);
        Mapping held = heldUntilClosed(frame, asked::countDown);
        Waiter<Attachment> attach = Waiter.of(() -> frame.attach("narrow"));
        Waiting.on(asked);
        Waiter<Mapping> map = Waiter.of(() -> other.map(Direction.TO_DEVICE));
        bench.sandbox.removeDevice("other");
        held.close();
        attach.answer();
        assertThat(map.refusal().reason()).isEqualTo(Reason.GONE);
        assertThat(frame.info().attachments()).allMatch(member -> member.mappings() == 0);
        frame.move();
    }

    @Test
    void whoLeavesDuringTheWaitNarrowsNothingAnyMore() throws Exception {
        bench.device("aligned", "align=64K");
        DmaBuf frame = filled();
        frame.attach("aligned");
        CountDownLatch asked = new CountDownLatch(1);
        Mapping held = heldUntilClosed(frame, asked::countDown);
        Waiter<Attachment> attach = Waiter.of(() -> frame.attach("narrow"));
        Waiting.on(asked);
        bench.sandbox.removeDevice("aligned");
        held.close();
        attach.answer();
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse(BELOW));
    }

    @Test
    void withoutStorageTheWayIsChosenAnewWhenAnotherDetaches() {
        bench.sandbox.addDevice(Device.of("gpu", List.of(Bench.path(ABOVE), Bench.path(BELOW))), Map.of());
        DmaBuf frame = bench.buffer(SIZE);
        Attachment narrow = frame.attach("narrow");
        frame.attach("gpu");
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse(BELOW));
        narrow.close();
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse(ABOVE));
    }

    @Test
    void membersAndNewcomersTakeTheWaysThatWereAgreedOn() {
        bench.sandbox.removeAllocator("high");
        DmaBuf frame = bench.buffer(SIZE);
        for (String name : List.of("gpu", "vpu", "dsp")) {
            bench.sandbox.addDevice(Device.of(name, List.of(Bench.path(ABOVE), Bench.path(BELOW))), Map.of());
            frame.attach(name);
        }
        assertThat(frame.info().attachments())
                .extracting(AttachmentInfo::path)
                .containsExactly(Bench.path(BELOW), Bench.path(BELOW), Bench.path(BELOW));
    }

    /** Returns a mapping that lets go when the test closes it, and not at once when it is asked to. */
    private static Mapping heldUntilClosed(DmaBuf frame, Runnable asked) {
        return frame.attach("any").map(MapRequest.of(Direction.TO_DEVICE).withMoveListener(_ -> asked.run()));
    }

    @Test
    void aDeviceTakesTheWayThatTheBestPlaceIsFor() {
        bench.sandbox.removeAllocator("high");
        bench.sandbox.addDevice(Device.of("gpu", List.of(Bench.path(ABOVE), Bench.path(BELOW))), Map.of());
        DmaBuf frame = bench.buffer(SIZE);
        Attachment gpu = frame.attach("gpu");
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse(BELOW));
        bench.pool("high", 9, HIGH);
        gpu.map(Direction.TO_DEVICE).close();
        assertThat(frame.info().constraints()).as("since the first map").isEqualTo(DmaConstraints.parse(ABOVE));
        bench.sandbox.removeAllocator("high");
        assertThat(frame.info().allocator()).hasValue("low");
        assertThat(frame.info().constraints()).as("since it moved").isEqualTo(DmaConstraints.parse(BELOW));
    }

    @Test
    void theDevicesOfASetTakeTheWayThatTheBestPlaceIsFor() {
        bench.sandbox.removeAllocator("high");
        bench.sandbox.addDevice(Device.of("gpu", List.of(Bench.path(ABOVE), Bench.path(BELOW))), Map.of());
        BufferSet set = bench.exporter.createSet(SetRequest.of(BufferRequest.ofSize(SIZE), 2));
        set.attach("gpu", Direction.TO_DEVICE);
        bench.pool("high", 9, HIGH);
        set.prepare();
        assertThat(set.info().constraints()).isEqualTo(DmaConstraints.parse(ABOVE));
        set.close();
    }

    @Test
    void whatCannotMoveForLackOfMemoryIsAnOrphanUntilItCan() {
        DmaBuf frame = filled();
        stubborn.fail("copy", new OutOfMemoryError("stuck"));
        bench.sandbox.removeAllocator("high");
        assertThat(frame.info().orphaned()).isTrue();
        assertThat(frame.info().lastRefusal().orElseThrow().reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(frame.info().lastRefusal().orElseThrow().text()).isEqualTo(
                "buffer frame cannot move: java.lang.OutOfMemoryError: stuck");
        assertThat(low.statistics().live()).isZero();
        verify(frame);
        bench.pool("later", 1, 0x2000_0000L);
        assertThat(frame.info().orphaned()).isFalse();
        verify(frame);
    }

    /** Between its answer and the verification: nobody asks it to take the storage back. */
    @Test
    void anAllocatorThatLeftAfterItsAnswerIsPassedOver() {
        machine.before("owns", this::highLeaves);
        DmaBuf frame = filled();
        assertThat(frame.info().allocator()).hasValue("low");
        assertThat(bench.memory.inUse()).isEqualTo(SIZE);
        assertThat(frame.info().moves()).isZero();
    }

    @Test
    void anAllocatorThatLeftAfterItsAnswerIsPassedOverForASet() {
        machine.before("owns", this::highLeaves);
        BufferSet set = bench.exporter.createSet(SetRequest.of(BufferRequest.ofSize(SIZE), 1));
        set.prepare();
        assertThat(set.info().allocator()).hasValue("low");
        assertThat(bench.memory.inUse()).isEqualTo(SIZE);
        set.close();
    }

    /** As its registration tells the core; the sweep over the buffers comes later. */
    private void highLeaves() {
        Allocators allocators = bench.sandbox.core().allocators();
        allocators.remove(allocators.snapshot().holder("high").orElseThrow().party());
    }

    private DmaBuf filled() {
        DmaBuf frame = bench.buffer(SIZE);
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill((byte) 7);
        }
        return frame;
    }

    private static void verify(DmaBuf frame) {
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(7);
        }
    }
}
