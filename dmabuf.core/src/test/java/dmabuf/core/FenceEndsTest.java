// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Fence;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceSource;
import dmabuf.api.FenceState;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How fences on buffers end, and who learns of it. */
class FenceEndsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(1);

    private final Bench bench = new Bench();
    private final DmaBuf frame = bench.buffer(4096);

    FenceEndsTest() {
        bench.pool("pool", 0, 0x4000_0000L);
    }

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
    void itKeepsTheBufferAlive() {
        DmaBuf next = bench.buffer(4096);
        next.beginCpuAccess(CpuMode.WRITE).close();
        FenceSource decode = next.addFence(FenceRequest.of(FenceUsage.WRITE, LONG));
        next.close();
        assertThat(next.info().state()).isEqualTo(BufferState.BACKED);
        assertThat(next.info().fences()).hasSize(1);
        decode.signal();
        await().atMost(LONG).until(() -> next.info().state() == BufferState.RELEASED);
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
        Fence late = theirs.fences().get(1);
        BlockingQueue<Fence> toldAfterThem = new LinkedBlockingQueue<>();
        frame.fences().get(1).onDone(toldAfterThem::add);
        frame.fences().get(0).onDone(told::add);
        Waiter<Object> access = Waiter.of(() -> frame.beginCpuAccess(CpuMode.READ));
        core.arrivals().removeOwner(leaving);
        assertThat(access.refusal().reason()).isEqualTo(Reason.GONE);
        assertThat(access.refusal()).hasMessageContaining("bundle decoder has stopped before write fence");
        assertThat(told.poll(60, TimeUnit.SECONDS)).isNotNull();
        assertThat(decode.signal()).isFalse();
        late.onDone(toldThem::add);
        scan.signal();
        assertThat(scan.fence().await(LONG)).isTrue();
        assertThat(toldAfterThem.poll(60, TimeUnit.SECONDS)).as("who asked after them").isNotNull();
        assertThat(toldThem).as("a bundle that stopped is told nothing").isEmpty();
        frame.beginCpuAccess(CpuMode.READ).close();
    }

    /** Who listens by the handle that the source gave is told, whoever stops. */
    @Test
    void theHandleOfASourceTellsInAnyCase() throws Exception {
        Owner leaving = new Owner("decoder");
        Core core = bench.sandbox.core();
        FenceSource decode =
                new OwnedExporter(core, leaving).share(frame).addFence(FenceRequest.of(FenceUsage.WRITE, LONG));
        BlockingQueue<Fence> told = new LinkedBlockingQueue<>();
        decode.fence().onDone(told::add);
        core.arrivals().removeOwner(leaving);
        assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(decode.fence());
    }

    /** Of a chain without an end only what is pending is kept. */
    @Test
    void whatIsDoneIsForgottenByWhatCameAfterIt() {
        WeakReference<FenceSource> first = new WeakReference<>(reads());
        FenceSource second = frame.addFence(
                FenceRequest.of(FenceUsage.READ, LONG).after(Objects.requireNonNull(first.get()).fence()));
        Objects.requireNonNull(first.get()).signal();
        FenceSource third = reads();
        await().atMost(LONG).until(() -> {
            System.gc();
            return first.get() == null;
        });
        assertThat(second.signal()).isTrue();
        assertThat(third.signal()).isTrue();
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
    void whoeverAsksAfterTheCoreStoppedIsToldAllTheSame() throws Exception {
        Fence scan = reads().fence();
        bench.sandbox.close();
        BlockingQueue<Fence> told = new LinkedBlockingQueue<>();
        scan.onDone(told::add);
        assertThat(told.poll(60, TimeUnit.SECONDS)).isSameAs(scan);
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
    void theLastDeadlineOfAllTimesIsNoOverflow() {
        FenceSource decode = frame.addFence(FenceRequest.of(FenceUsage.WRITE, Duration.ofSeconds(Long.MAX_VALUE)));
        assertThat(decode.fence().remaining()).isGreaterThan(Duration.ofDays(365));
        Waiter<Object> access = Waiter.of(() -> frame.beginCpuAccess(CpuMode.READ));
        decode.fail(Reason.INVALID, "never mind");
        assertThat(access.refusal()).hasMessageContaining("never mind");
    }
}
