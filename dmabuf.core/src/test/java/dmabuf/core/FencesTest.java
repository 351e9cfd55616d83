// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Fence;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceSource;
import dmabuf.api.FenceState;
import dmabuf.api.FenceUsage;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.UserMapping;
import dmabuf.api.spi.AllocatorSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Fences on buffers: who waits for whom, and in which order. */
class FencesTest {
    /** Longer than anybody waits for an answer: who is not woken does not go on by it. */
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Bench bench = new Bench().devices("cam");
    private final PoolAllocator pool = bench.pool("pool", 0, 0x4000_0000L);
    private final DmaBuf frame = bench.buffer(4096);
    private final Attachment cam = frame.attach("cam");

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    private FenceSource reads() {
        return frame.addFence(FenceRequest.of(FenceUsage.READ, LONG).withName("scan"));
    }

    private FenceSource writes() {
        return frame.addFence(FenceRequest.of(FenceUsage.WRITE, LONG).withName("decode"));
    }

    private DmaBufException refusedToTry(CpuMode mode) {
        return Bench.refusal(() -> frame.beginCpuAccess(CpuRequest.of(mode).withTrying()));
    }

    private DmaBufException refusedToTry(Direction direction) {
        return Bench.refusal(() -> cam.map(MapRequest.of(direction).withTrying()));
    }

    @Test
    void aReaderWaitsForWritersAlone() {
        try (FenceSource scan = reads()) {
            cam.map(MapRequest.of(Direction.TO_DEVICE).withTrying()).close();
            frame.beginCpuAccess(CpuRequest.of(CpuMode.READ).withTrying()).close();
            assertThat(scan.fence().isDone()).isFalse();
        }
        try (FenceSource decode = writes()) {
            assertThat(refusedToTry(Direction.TO_DEVICE).reason()).isEqualTo(Reason.BUSY);
            assertThat(refusedToTry(CpuMode.READ))
                    .hasMessage("buffer frame waits for write fence decode of bundle app on frame#" + frame.id());
            assertThat(decode.signal()).isTrue();
        }
        frame.beginCpuAccess(CpuRequest.of(CpuMode.READ).withTrying()).close();
    }

    @Test
    void aWriterWaitsForAll() {
        try (FenceSource scan = reads();
                FenceSource decode = writes()) {
            for (Direction direction : List.of(Direction.FROM_DEVICE, Direction.BIDIRECTIONAL)) {
                assertThat(refusedToTry(direction).reason()).isEqualTo(Reason.BUSY);
            }
            decode.signal();
            for (CpuMode mode : List.of(CpuMode.WRITE, CpuMode.READ_WRITE)) {
                assertThat(refusedToTry(mode)).hasMessageContaining("read fence scan");
            }
            scan.signal();
        }
        cam.map(MapRequest.of(Direction.FROM_DEVICE).withTrying()).close();
    }

    @Test
    void waitersGoOnWhenItIsSignalled() throws Exception {
        FenceSource decode = writes();
        Waiter<Direction> mapping = Waiter.of(() -> {
            try (var map = cam.map(Direction.TO_DEVICE)) {
                return map.direction();
            }
        });
        Waiter<CpuMode> access = Waiter.of(() -> {
            try (var view = frame.beginCpuAccess(CpuMode.WRITE)) {
                return view.mode();
            }
        });
        assertThat(frame.info().fences()).as("nobody holds the lock while it waits").hasSize(1);
        assertThat(decode.signal()).isTrue();
        assertThat(mapping.answer()).isEqualTo(Direction.TO_DEVICE);
        assertThat(access.answer()).isEqualTo(CpuMode.WRITE);
        assertThat(decode.signal()).isFalse();
        assertThat(decode.fail(Reason.INVALID, "after all")).as("it has spoken").isFalse();
    }

    /** However little patience the buffer has otherwise. */
    @Test
    void theWaitLastsAsLongAsTheFenceMay() throws Exception {
        frame.beginCpuAccess(CpuMode.WRITE).close();
        FenceSource decode = writes();
        Duration none = Duration.ofNanos(1);
        bench.sandbox.core().configure(new Settings(none, none, OptionalLong.empty()));
        Waiter<CpuMode> access = Waiter.of(() -> {
            try (var view = frame.beginCpuAccess(CpuMode.READ)) {
                return view.mode();
            }
        });
        decode.signal();
        assertThat(access.answer()).isEqualTo(CpuMode.READ);
        bench.sandbox.core().configure(Settings.DEFAULT);
    }

    @Test
    void whoeverHasAFenceMayWaitForItOrOnlyAsk() throws Exception {
        FenceSource scan = reads();
        assertThat(scan.fence().await(Duration.ofNanos(-1))).isFalse();
        Waiter<Boolean> waiting = Waiter.of(() -> scan.fence().await(LONG));
        scan.signal();
        assertThat(waiting.answer()).isTrue();
    }

    @Test
    void aChainReachesOtherBuffers() throws Exception {
        DmaBuf next = bench.buffer(4096);
        FenceSource decode = writes();
        FenceSource encode =
                next.addFence(FenceRequest.of(FenceUsage.READ, LONG).after(decode.fence()).withName("encode"));
        Waiter<CpuMode> reuse = Waiter.of(() -> {
            try (var access = next.beginCpuAccess(CpuMode.WRITE)) {
                return access.mode();
            }
        });
        assertThat(encode.signal()).isTrue();
        assertThat(encode.fence().isDone()).as("comes after the decoder").isFalse();
        decode.signal();
        assertThat(encode.fence().state()).isEqualTo(FenceState.SIGNALLED);
        assertThat(reuse.answer()).isEqualTo(CpuMode.WRITE);
    }

    @Test
    void inOrderComesAfterWhatItHasToWaitFor() {
        FenceSource scan = reads();
        FenceSource reader = frame.addFence(FenceRequest.of(FenceUsage.READ, LONG).inOrder());
        FenceSource writer = frame.addFence(FenceRequest.of(FenceUsage.WRITE, LONG).inOrder());
        writer.signal();
        reader.signal();
        assertThat(reader.fence().isDone()).as("two readers wait for nobody").isTrue();
        assertThat(writer.fence().isDone()).isFalse();
        scan.signal();
        assertThat(writer.fence().isDone()).isTrue();
    }

    @Test
    void allOfWaitsForAll() throws Exception {
        BlockingQueue<Fence> told = new LinkedBlockingQueue<>();
        FenceSource scan = reads();
        FenceSource decode = writes();
        Fence both = Fence.allOf(List.of(scan.fence(), Fence.allOf(frame.fences())));
        assertThat(both.parts()).containsExactly(scan.fence(), decode.fence());
        both.onDone(told::add);
        decode.fail(Reason.INVALID, "broken stream");
        assertThat(both.await(Duration.ZERO)).isFalse();
        assertThat(both.error()).isEmpty();
        scan.signal();
        assertThat(both.state()).isEqualTo(FenceState.FAILED);
        assertThatThrownBy(() -> both.await(LONG)).hasMessageContaining("broken stream");
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(both);
        assertThat(told).isEmpty();
    }

    @Test
    void itHoldsTheStorageInPlace() {
        cam.map(Direction.TO_DEVICE).close();
        FenceSource scan = reads();
        DmaBufException refusal = Bench.refusal(frame::move);
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(refusal).hasMessageContaining("held by read fence scan of bundle app");
        scan.signal();
        frame.move();
        assertThat(frame.info().moves()).isEqualTo(1);
    }

    @Test
    void whatIsDoneTakesNoOtherHolderAlong() {
        Mapping held = cam.map(Direction.TO_DEVICE);
        reads().signal();
        assertThat(Bench.refusal(frame::move)).hasMessageEndingWith("it is held; held by cam");
        held.close();
        frame.move();
    }

    @Test
    void neitherItNorADeviceIsTheCpuForOneThatNeedsSecureMemory() {
        PoolAllocator vault = new PoolAllocator(0x6000_0000L, Bench.MIB);
        bench.sandbox.addAllocator(
                new AllocatorSpec(
                        "vault", 9, "scripted", "vault", Optional.empty(), OptionalInt.empty(), true, false, Set.of()),
                vault);
        bench.device("decoder", "secure");
        try (Mapping held = cam.map(Direction.TO_DEVICE);
                FenceSource scan = reads()) {
            frame.attach("decoder");
            assertThat(held.allocator()).isEqualTo("vault");
            assertThat(frame.info().moves()).isZero();
            assertThat(scan.fence().usage()).isEqualTo(FenceUsage.READ);
            assertThat(scan.fence()).hasToString("read fence scan of bundle app on frame#" + frame.id() + " PENDING");
        }
    }

    @Test
    void aUserMappingWaitsAtEachUse() {
        try (UserMapping view = frame.mapForUser(CpuRequest.of(CpuMode.READ).withTrying());
                FenceSource decode = writes()) {
            assertThat(Bench.refusal(view::begin).reason()).isEqualTo(Reason.BUSY);
            decode.signal();
            view.begin().close();
        }
    }

    @Test
    void whatIsAskedForIsChecked() {
        assertThatThrownBy(() -> FenceRequest.of(FenceUsage.READ, Duration.ZERO))
                .hasMessage("deadline=PT0S is not positive: every fence has a deadline");
        assertThatThrownBy(() -> FenceRequest.of(FenceUsage.READ, LONG).withName("")).hasMessageContaining("0 characters");
        assertThatThrownBy(() -> FenceRequest.of(FenceUsage.READ, Duration.ofSeconds(Long.MIN_VALUE)))
                .hasMessageEndingWith("is not positive: every fence has a deadline");
        assertThatThrownBy(() -> Fence.allOf(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void infoShowsWhatIsPending() {
        try (FenceSource decode = writes()) {
            assertThat(frame.info().fences()).singleElement().satisfies(info -> {
                assertThat(info.usage()).isEqualTo(FenceUsage.WRITE);
                assertThat(info.owner()).isEqualTo("app");
                assertThat(info.name()).contains("decode");
                assertThat(info.remaining()).isPositive().isLessThanOrEqualTo(LONG);
            });
            assertThat(frame.fences()).containsExactly(decode.fence());
            assertThat(decode.fence().title()).isEqualTo("write fence decode of bundle app on frame#" + frame.id());
        }
        assertThat(frame.info().fences()).isEmpty();
        assertThat(frame.fences()).isEmpty();
    }

    @Test
    void anAllocatorThatLeftIsFollowedOnceItIsSignalled() {
        cam.map(Direction.TO_DEVICE).close();
        FenceSource scan = reads();
        bench.sandbox.removeAllocator("pool");
        assertThat(frame.info().orphaned()).isFalse();
        bench.pool("spare", 0, 0x5000_0000L);
        assertThat(frame.info().allocator()).as("stays while it is read").contains("pool");
        scan.signal();
        await().atMost(LONG).until(() -> frame.info().allocator().equals(Optional.of("spare")));
        assertThat(pool.requests).hasValue(1);
    }

    /** Another owner's exporter is of no use to a fence: the rule is the buffer's. */

    @Test
    void othersWaitToo() {
        Exporter other = bench.sandbox.exporter("other");
        DmaBuf theirs = other.share(frame);
        try (FenceSource decode = writes()) {
            assertThat(Bench.refusal(() -> theirs.beginCpuAccess(CpuRequest.of(CpuMode.READ).withTrying())))
                    .hasMessageContaining("of bundle app");
            decode.signal();
        }
        theirs.close();
    }
}
