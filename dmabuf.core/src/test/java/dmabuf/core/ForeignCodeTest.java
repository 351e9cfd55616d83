// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.DeviceInfo;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Memory;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Allocators that hang, throw and lie harm only the request at hand, and nothing of it is left. */
class ForeignCodeTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x2000_0000L;

    private final Bench bench =
            new Bench(new Settings(Duration.ofMillis(100), Duration.ofMillis(100), OptionalLong.empty()))
                    .devices("cam");

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
                .isEqualTo("allocator hanging did not answer within 100 ms");
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
        assertThat(Bench.refusal(() -> frame.attach("cam"))).hasMessageContaining("did not answer within 100 ms");
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

    @Test
    void everyLieIsAFailureThatLeavesNothing() {
        PoolAllocator liar = bench.pool("liar", 9, LOW);
        DmaBuf frame = bench.buffer(8192);
        Attachment cam = frame.attach("cam");
        BufferInfo before = frame.info();
        lies(liar, cam, "wrong length: expected=0x2000, actual=0x1000", request ->
                Allocation.of(request.memory(8192), List.of(new Segment(LOW, 4096))));
        lies(liar, cam, "segments overlap: 0x10000000+0x1000 and 0x10000000+0x1000", request -> Allocation.of(
                request.memory(8192), List.of(new Segment(LOW, 4096), new Segment(LOW, 4096))));
        lies(liar, cam, "memory too small: expected=8192, actual=4096", request ->
                Allocation.of(request.memory(4096), List.of(new Segment(LOW, 8192))));
        lies(liar, cam, "wrong length: expected=0x2000, actual=0x1000", _ ->
                Allocation.of(bench.memory.memfd(8192, "brought"), List.of(new Segment(LOW, 4096))));
        String stranger = "its memory is closed, or does not come from the memory service";
        lies(liar, cam, stranger, _ -> Allocation.of(ownMemory(), List.of(new Segment(LOW, 8192))));
        lies(liar, cam, stranger, request -> {
            Memory memory = request.memory(8192);
            memory.close();
            return Allocation.of(memory, List.of(new Segment(LOW, 8192)));
        });
        lies(liar, cam, "allocator liar answered null", _ -> null);
        assertThat(frame.info()).usingRecursiveComparison().ignoringFields("lastRefusal", "lastDecision").isEqualTo(before);
        assertThat(bench.memory.inUse()).isZero();
        assertThat(liar.releases).as("each answer is given back").hasValue(6);
    }

    private static Memory ownMemory() {
        return (Memory) Proxy.newProxyInstance(
                ForeignCodeTest.class.getClassLoader(), new Class<?>[] {Memory.class}, (_, _, _) -> {
                    throw new AssertionError("nobody calls it");
                });
    }

    @Test
    void whoThrowsWhatCannotBeDescribedHasFailedAtOnce() {
        final class Unspeakable extends RuntimeException {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                throw new StackOverflowError();
            }
        }
        PoolAllocator rogue = bench.pool("rogue", 9, LOW);
        Attachment cam = bench.buffer(8192).attach("cam");
        lies(rogue, cam, "allocator rogue threw " + Unspeakable.class.getName(), _ -> {
            throw new Unspeakable();
        });
    }

    @Test
    void storageThatOverlapsWithThatOfAnotherIsALie() {
        PoolAllocator honest = bench.pool("honest", 1, LOW);
        DmaBuf other = bench.buffer(4096);
        other.attach("cam").map(Direction.TO_DEVICE);
        AtomicReference<Memory> theirs = new AtomicReference<>();
        PoolAllocator liar = bench.pool("liar", 9, HIGH);
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        bench.sandbox.removeAllocator("honest");
        lies(liar, cam, "overlaps live storage at 0x10000000..0x10000fff", request ->
                Allocation.of(request.memory(4096), List.of(new Segment(LOW, 4096))));
        liar.allocating = request -> {
            Allocation first = liar.lowest(request);
            theirs.compareAndSet(null, first.memory());
            return first;
        };
        cam.map(Direction.TO_DEVICE);
        Attachment third = bench.buffer(4096).attach("cam");
        lies(liar, third, "its memory is that of other live storage", _ ->
                Allocation.of(theirs.get(), List.of(new Segment(HIGH + 8192, 4096))));
        assertThat(theirs.get().byteSize()).isEqualTo(4096);
        assertThat(honest.releases).hasValue(0);
    }

    private static void lies(
            PoolAllocator liar, Attachment device, String complaint,
            Function<AllocationRequest, Allocation> lie) {
        liar.allocating = lie;
        DmaBufException refusal = Bench.refusal(() -> device.map(Direction.TO_DEVICE));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refusal).hasMessageContaining(complaint);
    }
}
