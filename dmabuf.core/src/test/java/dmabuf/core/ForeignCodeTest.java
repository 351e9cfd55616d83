// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.DeviceInfo;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Allocators that hang and throw harm only the request at hand, and nothing of it is left. */
class ForeignCodeTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x2000_0000L;

    /** Short, because it runs out in most of these tests; but not for those who do answer, on a busy machine. */
    private static final Duration DEADLINE = Duration.ofMillis(500);

    private final Bench bench = new Bench(new Settings(DEADLINE, DEADLINE, OptionalLong.empty())).devices("cam");

    private final CountDownLatch forever = new CountDownLatch(1);

    @AfterEach
    void nothingIsLeft() {
        forever.countDown();
        bench.close();
    }

    @Test
    void whoHangsIsPassedOverAndItsLateAnswerIsGivenBack() {
        PoolAllocator hanging = bench.pool("hanging", 9, LOW);
        bench.pool("prompt", 1, HIGH);
        AtomicReference<Allocation> late = new AtomicReference<>();
        hanging.allocating = request -> {
            Allocation answer = hanging.lowest(request);
            late.set(answer);
            Waiting.on(forever);
            return answer;
        };
        DmaBuf frame = bench.buffer(4096);
        assertThat(frame.attach("cam").map(Direction.TO_DEVICE).allocator()).isEqualTo("prompt");
        assertThat(frame.info().lastDecision().getFirst().failure()).hasValue(Reason.TIMED_OUT);
        assertThat(frame.info().lastDecision().getFirst().text())
                .isEqualTo("allocator hanging did not answer within 500 ms");
        assertThat(bench.memory.inUse()).as("its memory is back at once").isEqualTo(4096);
        assertThat(hanging.releases).hasValue(0);
        forever.countDown();
        await().until(() -> hanging.releases.get() == 1);
        assertThat(hanging.statistics().live()).isZero();
        assertThat(late.get().segments()).hasSize(1);
    }

    /** It would answer in the end, and then its answer is not wanted any more. */
    @Test
    void aCallIsGivenUpAtItsDeadline() {
        PoolAllocator slow = bench.pool("slow", 9, LOW);
        slow.allocating = request -> {
            assertThat(isCounted(forever, 10)).as("the caller went on before").isTrue();
            return slow.lowest(request);
        };
        Attachment cam = bench.buffer(4096).attach("cam");
        assertThat(Bench.refusal(() -> cam.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.TIMED_OUT);
    }

    private static boolean isCounted(CountDownLatch latch, int seconds) {
        try {
            return latch.await(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whenAllHangItIsTimedOut() {
        PoolAllocator hanging = bench.pool("hanging", 9, LOW);
        hanging.allocating = request -> {
            Waiting.on(forever);
            return hanging.lowest(request);
        };
        Attachment cam = bench.buffer(4096).attach("cam");
        assertThat(Bench.refusal(() -> cam.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.TIMED_OUT);
    }

    @Test
    void aRequestIsOverWhenItsDeadlinePassed() {
        PoolAllocator hanging = bench.pool("hanging", 9, LOW);
        AtomicReference<AllocationRequest> kept = new AtomicReference<>();
        hanging.allocating = request -> {
            kept.set(request);
            Waiting.on(forever);
            return hanging.lowest(request);
        };
        Attachment cam = bench.buffer(4096).attach("cam");
        Bench.refusal(() -> cam.map(Direction.TO_DEVICE));
        assertThat(Bench.refusal(() -> kept.get().memory(4096))).hasMessage("the request for frame is over");
        assertThat(Bench.refusal(() -> kept.get().claim(new Segment(LOW, 4096).range())).reason()).isEqualTo(Reason.GONE);
    }

    @Test
    void otherBuffersDoNotWaitForOneWhoseAllocatorHangs() {
        PoolAllocator pool = bench.pool("pool", 9, LOW);
        CountDownLatch asked = new CountDownLatch(1);
        pool.allocating = request -> {
            if (request.byteSize() == 1) {
                asked.countDown();
                Waiting.on(forever);
            }
            return pool.lowest(request);
        };
        Attachment stuck = bench.buffer(1).attach("cam");
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> Bench.refusal(() -> stuck.map(Direction.TO_DEVICE)));
        Waiting.on(asked);
        assertThat(bench.buffer(4096).attach("cam").map(Direction.TO_DEVICE).allocator()).isEqualTo("pool");
        assertThat(bench.exporter.buffers()).hasSize(2);
        waiting.join();
    }

    @Test
    void aMatchThatThrowsOrHangsIsANoWithItsReason() {
        PoolAllocator broken = bench.pool("broken", 9, LOW);
        broken.accepts = _ -> {
            throw new NoClassDefFoundError("gone/Missing");
        };
        DmaBuf frame = bench.buffer(4096);
        DmaBufException refusal = Bench.refusal(() -> frame.attach("cam"));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refusal).hasMessageContaining("java.lang.NoClassDefFoundError: gone/Missing");
        broken.accepts = _ -> {
            Waiting.on(forever);
            return true;
        };
        assertThat(Bench.refusal(() -> frame.attach("cam"))).hasMessageContaining("did not answer within 500 ms");
        broken.accepts = _ -> true;
        frame.attach("cam");
    }

    @Test
    void aMatchIsRememberedForTheLifeOfTheRegistration() {
        PoolAllocator pool = bench.pool("pool", 9, LOW);
        for (int i = 0; i < 5; i++) {
            bench.buffer(4096).attach("cam").map(Direction.TO_DEVICE);
        }
        assertThat(pool.matches).hasValue(1);
    }

    @Test
    void whoHangsAgainAndAgainIsNotAskedAnyMore() {
        PoolAllocator hanging = bench.pool("hanging", 9, LOW);
        hanging.allocating = request -> {
            Waiting.on(forever);
            return hanging.lowest(request);
        };
        Attachment cam = bench.buffer(4096).attach("cam");
        for (int i = 0; i < Party.MAX_OVERDUE + 2; i++) {
            Bench.refusal(() -> cam.map(Direction.TO_DEVICE));
        }
        assertThat(hanging.requests).hasValue(Party.MAX_OVERDUE);
        forever.countDown();
        hanging.allocating = hanging::lowest;
        await().until(() -> Bench.isGiven(() -> cam.map(Direction.TO_DEVICE)));
    }

    @Test
    void codeThatCallsItselfThroughAListingComesToAnEnd() {
        PoolAllocator curious = bench.pool("curious", 9, LOW);
        curious.accepts = device -> {
            DeviceInfo info = bench.exporter.device(device.device());
            return bench.exporter.allocators().size() == 1 && info.accepting().isEmpty();
        };
        bench.buffer(4096).attach("cam");
        assertThat(curious.matches).hasValue(1);
        assertThat(bench.exporter.device("cam").accepting()).containsExactly("curious");
    }
}
