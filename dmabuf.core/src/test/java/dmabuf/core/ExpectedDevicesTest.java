// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufException;
import dmabuf.api.EventKind;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
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

    /** Its patience is long enough that only a wake-up ends the wait. */
    @Test
    void whoWaitsIsWokenWhenTheyAreWithdrawn() throws InterruptedException {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = expecting(Duration.ofHours(1), "cam", "codec");
        Attachment cam = frame.attach("cam");
        CompletableFuture<Mapping> mapped = new CompletableFuture<>();
        Thread waiting = Thread.ofPlatform().start(() -> mapped.completeAsync(() -> cam.map(Direction.TO_DEVICE), Runnable::run));
        await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
        frame.withdrawExpected();
        assertThat(mapped).succeedsWithin(Duration.ofSeconds(20));
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
    void aBufferThatWaitsForAnAllocatorGetsItWhenItComes() throws Exception {
        PoolAllocator refusing = bench.pool("refusing", 0, 0x1000_0000L);
        refusing.accepts = _ -> false;
        DmaBuf frame = bench.exporter.create(
                BufferRequest.ofSize(4096).withWaitsForAllocator(true).withPatience(LONG));
        Attachment cam = frame.attach("cam");
        Waiter<Mapping> waiting = Waiter.of(() -> cam.map(Direction.TO_DEVICE));
        bench.pool("late", 0, 0x2000_0000L);
        assertThat(waiting.answer().allocator()).isEqualTo("late");
    }

    /** Patience is for devices; who wants to wait for an allocator says so. */
    @Test
    void aBufferThatDoesNotWaitForAnAllocatorIsRefusedAtOnce() throws Exception {
        DmaBuf frame = bench.exporter.create(BufferRequest.ofSize(4096).withPatience(Duration.ofDays(1)));
        Attachment cam = frame.attach("cam");
        CompletableFuture<Reason> map =
                CompletableFuture.supplyAsync(() -> Bench.refusal(() -> cam.map(Direction.TO_DEVICE)).reason());
        assertThat(map.get(60, TimeUnit.SECONDS)).isEqualTo(Reason.NO_ALLOCATOR);
    }

    @Test
    void anEndlessPatienceDoesNotOverflow() {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = expecting(Duration.ofSeconds(Long.MAX_VALUE), "cam");
        frame.attach("cam").map(Direction.TO_DEVICE);
    }

    @Test
    void laggardsAreReportedOnceWhenTheirTimeIsOverAlsoWhenNobodyMaps() {
        List<DmaBufEvent> told = new CopyOnWriteArrayList<>();
        bench.sandbox.core().events().add(told::add, EventKind.usual(), "test");
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = bench.exporter.create(group().withReadyWithin(Duration.ofMillis(20)));
        Awaitility.await().untilAsserted(() -> assertThat(told)
                .filteredOn(event -> event.kind() == EventKind.BUFFER_OVERDUE).hasSize(1));
        frame.attach("cam");
        String text = "cam, codec did not attach to buffer frame within 20 ms of its creation";
        assertThat(bench.sandbox.warnings()).containsExactly(text);
        assertThat(told).filteredOn(event -> event.kind() == EventKind.BUFFER_OVERDUE).singleElement()
                .satisfies(event -> {
                    assertThat(event.text()).isEqualTo("frame#1: " + text);
                    assertThat(event.explanation().orElseThrow().blames()).extracting(Object::toString)
                            .containsExactly("cam", "codec");
                });
        assertThat(frame.info().laggards()).as("it is still expected").containsExactly("codec");
        assertThat(frame.info().leftOut()).extracting(left -> left.device()).containsExactly("display");
    }

    @Test
    void aMapWaitsForOptionalDevicesUntilTheirTimeIsOverAndGoesOnWithoutThem() {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = bench.exporter.create(BufferRequest.ofSize(4096).withName("frame").withPatience(LONG)
                .withOptionalDevices(List.of("display", "codec")).withReadyWithin(LONG));
        Attachment cam = frame.attach("cam");
        assertThat(frame.info().laggards()).containsExactly("codec", "display");
        frame.attach("codec");
        CompletableFuture<Mapping> waiting = CompletableFuture.supplyAsync(() -> cam.map(Direction.TO_DEVICE));
        assertThat(Bench.refusal(() -> cam.map(MapRequest.of(Direction.TO_DEVICE).withTrying())).reason())
                .isIn(Reason.NOT_READY, Reason.BUSY);
        timeIsOver();
        waiting.join();
        assertThat(frame.info().laggards()).isEmpty();
        assertThat(frame.info().leftOut()).singleElement().satisfies(left -> {
            assertThat(left.device()).isEqualTo("display");
            assertThat(left.explanation().reason()).isEqualTo(Reason.NOT_READY);
            assertThat(left.explanation().text())
                    .isEqualTo("display did not attach to buffer frame within 60000 ms of its creation");
        });
        assertThat(bench.sandbox.warnings()).as("nobody who is required is missing").isEmpty();
        frame.attach("display");
        assertThat(frame.info().leftOut()).as("it may join later").isEmpty();
    }

    @Test
    void optionalDevicesWithoutATimeAreNotWaitedFor() {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = bench.exporter.create(
                BufferRequest.ofSize(4096).withOptionalDevices(List.of("display")).withPatience(LONG));
        frame.attach("cam").map(MapRequest.of(Direction.TO_DEVICE).withTrying());
    }

    @Test
    void aGroupThatIsCompleteInTimeIsNotReported() {
        DmaBuf frame = bench.exporter.create(group().withReadyWithin(LONG));
        frame.attach(List.of("cam", "codec", "display"));
        timeIsOver();
        assertThat(bench.sandbox.warnings()).isEmpty();
        assertThat(frame.info().leftOut()).isEmpty();
    }

    @Test
    void aGroupThatWasCompleteIsNotExpectedAgain() {
        bench.pool("pool", 0, 0x1000_0000L);
        DmaBuf frame = bench.exporter.create(group().withReadyWithin(LONG));
        List<Attachment> members = frame.attach(List.of("cam", "codec", "display"));
        members.get(1).close();
        bench.sandbox.removeDevice("display");
        assertThat(frame.info().laggards()).isEmpty();
        members.getFirst().map(Direction.TO_DEVICE);
        timeIsOver();
        assertThat(bench.sandbox.warnings()).isEmpty();
    }

    private void timeIsOver() {
        Core core = bench.sandbox.core();
        Sweep.all(LONG.toNanos(), core.journal(), core.buffers(), core.readiness()::conclude);
    }

    @Test
    void whoAsksWaitsUntilEverybodyIsThere() {
        DmaBuf frame = bench.exporter.create(group());
        frame.attach("cam");
        DmaBufException refusal = Bench.refusal(() -> frame.awaitReady(Duration.ZERO));
        assertThat(refusal.reason()).isEqualTo(Reason.NOT_READY);
        assertThat(refusal).hasMessage("buffer frame still expects codec");
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> frame.awaitReady(LONG));
        frame.attach("codec");
        waiting.join();
        frame.awaitReady(Duration.ZERO);
        assertThat(frame.info().state()).as("no memory is used").isEqualTo(BufferState.DEFERRED);
    }

    @Test
    void waitingForAGroupEndsWithTheHandle() {
        DmaBuf frame = bench.exporter.create(group());
        DmaBuf other = bench.exporter.open(frame.id());
        CompletableFuture<DmaBufException> waiting =
                CompletableFuture.supplyAsync(() -> Bench.refusal(() -> frame.awaitReady(LONG)));
        frame.close();
        assertThat(waiting.join().reason()).isEqualTo(Reason.GONE);
        other.close();
    }

    @Test
    void theDeadlineOfABufferThatIsGoneKeepsNothing() {
        DmaBuf frame = bench.exporter.create(group().withReadyWithin(LONG));
        frame.close();
        assertThat(bench.sandbox.core().deadlines().ahead()).isZero();
    }

    private static BufferRequest group() {
        return BufferRequest.ofSize(4096).withName("frame").withExpectedDevices(List.of("codec", "cam"))
                .withOptionalDevices(List.of("display"));
    }

    private DmaBuf expecting(Duration patience, String... devices) {
        return bench.exporter.create(BufferRequest.ofSize(4096)
                .withName("frame")
                .withExpectedDevices(List.of(devices))
                .withPatience(patience));
    }
}
