// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Allocators that lie, or throw what cannot be told, harm only the request at hand, and nothing of it is left. */
class LyingAllocatorsTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x2000_0000L;
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Bench bench = new Bench(new Settings(LONG, LONG, OptionalLong.empty())).devices("cam");

    @AfterEach
    void nothingIsLeft() {
        bench.close();
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
                LyingAllocatorsTest.class.getClassLoader(), new Class<?>[] {Memory.class}, (_, _, _) -> {
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
