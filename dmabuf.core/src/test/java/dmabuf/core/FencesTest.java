// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
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
import dmabuf.api.Reason;
import dmabuf.api.UserMapping;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Fences on buffers: who waits for whom, and how they end. */
class FencesTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(1);

    private final Bench bench = new Bench().devices("cam", "enc");
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

    /** A call on a thread of its own that waits by now. */
    private record Waiter<T>(Thread thread, CompletableFuture<T> result) {
        static <T> Waiter<T> of(Supplier<T> call) {
            CompletableFuture<T> result = new CompletableFuture<>();
            Thread thread = Thread.ofPlatform().daemon(true).start(() -> result.completeAsync(call, Runnable::run));
            long end = System.nanoTime() + LONG.toNanos();
            while (thread.getState() != Thread.State.TIMED_WAITING && System.nanoTime() - end < 0) {
                Thread.onSpinWait();
            }
            assertThat(result).as("the call waits").isNotDone();
            return new Waiter<>(thread, result);
        }

        T answer() throws Exception {
            return result.get(60, TimeUnit.SECONDS);
        }

        DmaBufException refusal() {
            Throwable thrown = result.handle((_, error) -> error).join();
            return (DmaBufException) (thrown.getCause() == null ? thrown : thrown.getCause());
        }
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
    }

    @Test
    void whoeverWaitedGetsTheErrorAndNobodyElse() throws Exception {
        FenceSource decode = writes();
        Waiter<Object> access = Waiter.of(() -> frame.beginCpuAccess(CpuMode.READ));
        assertThat(decode.fail(Reason.INVALID, "broken stream")).isTrue();
        assertThat(access.refusal().reason()).isEqualTo(Reason.INVALID);
        assertThat(access.refusal()).hasMessage(
                "write fence decode of bundle app on frame#" + frame.id() + " failed: broken stream");
        frame.beginCpuAccess(CpuMode.READ).close();
        assertThatThrownBy(() -> decode.fence().await(LONG)).hasMessageContaining("broken stream");
    }

    @Test
    void theDeadlineEndsItForThoseWhoWait() {
        FenceSource decode = writes();
        Waiter<Object> access = Waiter.of(() -> frame.beginCpuAccess(CpuMode.READ));
        ((BufferFence) decode).expire();
        assertThat(access.refusal().reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(access.refusal()).hasMessageContaining("was not signalled within 60000 ms");
        assertThat(frame.info().fences()).isEmpty();
        frame.beginCpuAccess(CpuMode.READ).close();
    }

    @Test
    void theDeadlineEndsItWithoutAnybodyWaiting() throws Exception {
        BlockingQueue<Fence> told = new LinkedBlockingQueue<>();
        Fence fence = frame.addFence(FenceRequest.of(FenceUsage.WRITE, SHORT)).fence();
        fence.onDone(told::add);
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(fence);
        assertThat(fence.state()).isEqualTo(FenceState.FAILED);
        assertThat(fence.error().orElseThrow().reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(fence.remaining()).isZero();
    }

    @Test
    void whoeverGivesUpFailsIt() {
        FenceSource decode = writes();
        decode.close();
        decode.close();
        assertThat(decode.signal()).isFalse();
        assertThat(decode.fence().error().orElseThrow().reason()).isEqualTo(Reason.GONE);
        FenceSource scan = reads();
        scan.signal();
        scan.close();
        assertThat(scan.fence().state()).isEqualTo(FenceState.SIGNALLED);
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
    void anErrorRunsThroughAChain() {
        DmaBuf next = bench.buffer(4096);
        FenceSource decode = writes();
        FenceSource encode = next.addFence(FenceRequest.of(FenceUsage.READ, LONG).after(decode.fence()));
        Waiter<Object> reuse = Waiter.of(() -> next.beginCpuAccess(CpuMode.WRITE));
        decode.fail(Reason.INVALID, "broken stream");
        assertThat(encode.fence().error()).isEqualTo(decode.fence().error());
        assertThat(reuse.refusal()).hasMessageContaining("decode of bundle app on frame").hasMessageContaining("broken stream");
        assertThat(encode.signal()).isFalse();
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
    void itKeepsTheBufferAlive() {
        DmaBuf next = bench.buffer(4096);
        next.beginCpuAccess(CpuMode.WRITE).close();
        FenceSource decode = next.addFence(FenceRequest.of(FenceUsage.WRITE, LONG));
        next.close();
        assertThat(next.info().state()).isEqualTo(BufferState.BACKED);
        assertThat(next.info().fences()).hasSize(1);
        decode.signal();
        assertThat(next.info().state()).isEqualTo(BufferState.RELEASED);
        assertThat(Bench.refusal(() -> next.addFence(FenceRequest.of(FenceUsage.READ, LONG))).reason())
                .isEqualTo(Reason.GONE);
    }

    @Test
    void itsOwnerTakesItAlong() throws Exception {
        Owner leaving = new Owner("decoder");
        Core core = bench.sandbox.core();
        DmaBuf theirs = new OwnedExporter(core, leaving).share(frame);
        FenceSource decode = theirs.addFence(FenceRequest.of(FenceUsage.WRITE, LONG));
        BlockingQueue<Fence> told = new LinkedBlockingQueue<>();
        BlockingQueue<Fence> toldThem = new LinkedBlockingQueue<>();
        FenceSource scan = reads();
        theirs.fences().get(1).onDone(toldThem::add);
        frame.fences().get(0).onDone(told::add);
        Waiter<Object> access = Waiter.of(() -> frame.beginCpuAccess(CpuMode.READ));
        core.arrivals().removeOwner(leaving);
        assertThat(access.refusal().reason()).isEqualTo(Reason.GONE);
        assertThat(access.refusal()).hasMessageContaining("bundle decoder has stopped before write fence");
        assertThat(told.poll(60, TimeUnit.SECONDS)).isNotNull();
        assertThat(decode.signal()).isFalse();
        scan.signal();
        assertThat(scan.fence().await(LONG)).isTrue();
        assertThat(toldThem).as("a bundle that stopped is told nothing").isEmpty();
        frame.beginCpuAccess(CpuMode.READ).close();
    }

    @Test
    void theCoreTakesItAlong() {
        FenceSource decode = writes();
        Waiter<Object> access = Waiter.of(() -> frame.beginCpuAccess(CpuMode.READ));
        bench.sandbox.close();
        assertThat(access.refusal().reason()).isEqualTo(Reason.GONE);
        assertThat(decode.fence().error().orElseThrow().text()).startsWith("the runtime has stopped before");
        assertThat(Bench.refusal(this::reads).reason()).isEqualTo(Reason.GONE);
    }

    @Test
    void listenersAreCalledOnceEach() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        FenceSource decode = writes();
        decode.fence().onDone(_ -> {
            throw new IllegalStateException("a broken listener");
        });
        decode.fence().onDone(fence -> told.add("first " + fence.state()));
        decode.signal();
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("first SIGNALLED");
        decode.fence().onDone(fence -> told.add("second " + fence.state()));
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo("second SIGNALLED");
        assertThat(told).isEmpty();
    }

    @Test
    void aSignalWaitsForNobodyAtWorkOnTheBuffer() throws Exception {
        DmaBuf next = bench.exporter.create(BufferRequest.ofSize(4096).withPatience(LONG));
        Buffer buffer = ((BufferReference) next).buffer();
        FenceSource decode = next.addFence(FenceRequest.of(FenceUsage.WRITE, LONG));
        Waiter<CpuMode> access = Waiter.of(() -> {
            try (var view = next.beginCpuAccess(CpuMode.READ)) {
                return view.mode();
            }
        });
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch signalled = new CountDownLatch(1);
        Thread other = Thread.ofPlatform().start(() -> buffer.exclusively(false, () -> {
            atWork.countDown();
            Waiting.on(signalled);
            return next;
        }));
        Waiting.on(atWork);
        assertThat(decode.signal()).isTrue();
        assertThat(decode.fence().await(Duration.ZERO)).isTrue();
        signalled.countDown();
        assertThat(access.answer()).isEqualTo(CpuMode.READ);
        other.join();
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
    void anInterruptEndsTheWait() {
        try (FenceSource decode = writes()) {
            Thread.currentThread().interrupt();
            DmaBufException refusal = Bench.refusal(() -> frame.beginCpuAccess(CpuMode.READ));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(refusal).hasMessageContaining("the wait was interrupted");
            assertThat(decode.fence().isDone()).isFalse();
        }
    }

    @Test
    void aFailedPredecessorPutsNothingOnTheBuffer() {
        FenceSource decode = writes();
        decode.fail(Reason.INVALID, "broken stream");
        FenceSource scan = frame.addFence(FenceRequest.of(FenceUsage.READ, LONG).after(decode.fence()));
        assertThat(scan.fence().error()).isEqualTo(decode.fence().error());
        assertThat(((BufferReference) frame).buffer().holders()).isEmpty();
    }

    @Test
    void whatIsAskedForIsChecked() {
        assertThatThrownBy(() -> FenceRequest.of(FenceUsage.READ, Duration.ZERO))
                .hasMessage("deadline=0 ms is not positive: every fence has a deadline");
        assertThatThrownBy(() -> FenceRequest.of(FenceUsage.READ, LONG).withName("")).hasMessageContaining("0 characters");
        assertThatThrownBy(() -> Fence.allOf(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLastDeadlineOfAllTimesIsNoOverflow() {
        FenceSource decode = frame.addFence(FenceRequest.of(FenceUsage.WRITE, Duration.ofSeconds(Long.MAX_VALUE)));
        assertThat(decode.fence().remaining()).isGreaterThan(Duration.ofDays(365));
        Waiter<Object> access = Waiter.of(() -> frame.beginCpuAccess(CpuMode.READ));
        decode.fail(Reason.INVALID, "never mind");
        assertThat(access.refusal()).hasMessageContaining("never mind");
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
        assertThat(frame.info().allocator()).contains("spare");
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
