// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Expected devices, patience, and buffers that wait for an allocator. */
class ExpectedDevicesTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Bench bench = new Bench().devices("cam", "codec", "display");

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void aMapIsRefusedAtOnceAndNamesTheLaggards() {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = expecting(Duration.ZERO, "display", "cam", "codec");
        Attachment cam = frame.attach("cam");
        DmaBufException refusal = Bench.refusal(() -> cam.map(Direction.TO_DEVICE));
        assertThat(refusal.reason()).isEqualTo(Reason.NOT_READY);
        assertThat(refusal).hasMessage("buffer frame still expects codec, display");
        assertThat(refusal.explanation().blames()).extracting(Object::toString).containsExactly("codec", "display");
        assertThat(Bench.refusal(() -> frame.beginCpuAccess(CpuMode.READ)).reason()).isEqualTo(Reason.NOT_READY);
        assertThat(frame.info().laggards()).containsExactly("codec", "display");
        frame.attach(List.of("codec", "display"));
        cam.map(Direction.TO_DEVICE);
    }

    @Test
    void aMapWaitsUntilTheLastOneHasAttached() {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = expecting(LONG, "cam", "(name=codec)");
        Attachment cam = frame.attach("cam");
        CountDownLatch started = new CountDownLatch(1);
        CompletableFuture<Mapping> waiting = CompletableFuture.supplyAsync(() -> {
            started.countDown();
            return cam.map(Direction.TO_DEVICE);
        });
        Waiting.on(started);
        assertThat(Bench.refusal(() -> cam.map(MapRequest.of(Direction.TO_DEVICE).withTrying())).reason())
                .as("a try does not wait")
                .isIn(Reason.NOT_READY, Reason.BUSY);
        frame.attach("codec");
        assertThat(waiting.join().table().byteSize()).isEqualTo(4096);
    }

    @Test
    void theCreatorCanWithdrawThem() {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = expecting(LONG, "cam", "codec");
        Attachment cam = frame.attach("cam");
        CompletableFuture<Mapping> waiting = CompletableFuture.supplyAsync(() -> cam.map(Direction.TO_DEVICE));
        frame.withdrawExpected();
        waiting.join();
        assertThat(frame.info().laggards()).isEmpty();
    }

    /** The wait is long enough that only a wake-up ends it, and the end of its patience would be a refusal. */
    @Test
    void whoWaitsIsWokenWhenTheyAreWithdrawn() throws InterruptedException {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = expecting(Duration.ofSeconds(10), "cam", "codec");
        Attachment cam = frame.attach("cam");
        CompletableFuture<Mapping> mapped = new CompletableFuture<>();
        Thread waiting = Thread.ofPlatform().start(() -> mapped.completeAsync(() -> cam.map(Direction.TO_DEVICE), Runnable::run));
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        frame.withdrawExpected();
        assertThat(mapped.join().table().byteSize()).isEqualTo(4096);
        waiting.join();
    }

    @Test
    void anExpectedDeviceMayStillBeUnknown() {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = expecting(Duration.ZERO, "later");
        assertThat(frame.info().laggards()).containsExactly("later");
        bench.device("later", "");
        frame.attach("later").map(Direction.TO_DEVICE);
    }

    @Test
    void aWaitEndsWhenTheDeviceLeaves() {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = expecting(LONG, "cam", "codec");
        Attachment cam = frame.attach("cam");
        CompletableFuture<DmaBufException> waiting =
                CompletableFuture.supplyAsync(() -> Bench.refusal(() -> cam.map(Direction.TO_DEVICE)));
        bench.sandbox.removeDevice("cam");
        assertThat(waiting.join().reason()).isEqualTo(Reason.GONE);
    }

    @Test
    void anInterruptEndsTheWaitAndIsKept() throws InterruptedException {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = expecting(LONG, "cam", "codec");
        Attachment cam = frame.attach("cam");
        CompletableFuture<Reason> reason = new CompletableFuture<>();
        CompletableFuture<Boolean> kept = new CompletableFuture<>();
        Thread waiting = Thread.ofPlatform().start(() -> {
            reason.complete(Bench.refusal(() -> cam.map(Direction.TO_DEVICE)).reason());
            kept.complete(Thread.currentThread().isInterrupted());
        });
        waiting.interrupt();
        assertThat(reason.join()).isEqualTo(Reason.NOT_READY);
        assertThat(kept.join()).isTrue();
        waiting.join();
    }

    @Test
    void anInterruptedThreadStillMaps() {
        bench.pool("pool", 0, 0x1000_0000L);
        Attachment cam = bench.buffer(4096).attach("cam");
        Thread.currentThread().interrupt();
        cam.map(Direction.TO_DEVICE);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aBufferThatWaitsForAnAllocatorGetsItWhenItComes() {
        PoolAllocator refusing = bench.pool("refusing", 0, 0x1000_0000L);
        refusing.accepts = _ -> false;
        DmaBuf frame = bench.exporter.create(
                BufferRequest.ofSize(4096).withWaitsForAllocator(true).withPatience(LONG));
        Attachment cam = frame.attach("cam");
        CompletableFuture<Mapping> waiting = CompletableFuture.supplyAsync(() -> cam.map(Direction.TO_DEVICE));
        bench.pool("late", 0, 0x2000_0000L);
        assertThat(waiting.join().allocator()).isEqualTo("late");
    }

    @Test
    void anEndlessPatienceDoesNotOverflow() {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = expecting(Duration.ofSeconds(Long.MAX_VALUE), "cam");
        frame.attach("cam").map(Direction.TO_DEVICE);
    }

    private DmaBuf expecting(Duration patience, String... devices) {
        return bench.exporter.create(BufferRequest.ofSize(4096)
                .withName("frame")
                .withExpectedDevices(List.of(devices))
                .withPatience(patience));
    }
}
