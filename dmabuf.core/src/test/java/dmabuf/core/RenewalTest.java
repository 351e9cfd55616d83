// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.BufferSet;
import dmabuf.api.Direction;
import dmabuf.api.DmaBufEvent;
import dmabuf.api.EventKind;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.SetBuffer;
import dmabuf.api.SetInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** New storage for all buffers of a set, without a gap: for a device that joins, and where an allocator has left. */
class RenewalTest extends SetStage {
    /** Preview, then record: the encoder joins while every buffer is out. */
    @Test
    void anEncoderThatJoinsInMidStreamGetsNewStorageForAllWhileTheOldDrains() {
        List<DmaBufEvent> told = new CopyOnWriteArrayList<>();
        bench.sandbox.core().events().add(told::add, EventKind.usual(), "test");
        BufferSet set = preview();
        List<SetBuffer> shown = acquireAll(set);
        IntStream.range(0, COUNT).forEach(i -> fill(shown.get(i), i + 1));

        set.attach("encoder", Direction.TO_DEVICE);

        SetInfo info = set.info();
        assertThat(info.generation()).isEqualTo(2);
        assertThat(info.allocator()).contains("low");
        assertThat(info.free()).isEqualTo(COUNT);
        assertThat(info.draining()).isEqualTo(COUNT);
        List<SetBuffer> recorded = acquireAll(set);
        for (int i = 0; i < COUNT; i++) {
            SetBuffer frame = recorded.get(i);
            assertThat(frame.generation()).isEqualTo(2);
            assertThat(List.of(address(frame, "cam"), address(frame, "display"), address(frame, "encoder")))
                    .containsOnly(address(frame, "encoder")).allMatch(address -> address < HIGH);
            verify(frame, 0);
            fill(frame, 100 + i);
        }
        for (int i = 0; i < COUNT; i++) {
            verify(shown.get(i), i + 1);
            assertThat(address(shown.get(i), "display")).as("an old frame stays where it is").isGreaterThanOrEqualTo(HIGH);
            shown.get(i).close();
            verify(recorded.get(i), 100 + i);
        }
        await().untilAsserted(() -> assertThat(set.info().draining()).isZero());
        assertThat(high.statistics().live()).isZero();
        assertThat(bench.exporter.buffers()).hasSize(COUNT);
        await().untilAsserted(() -> assertThat(told).extracting(DmaBufEvent::kind)
                .filteredOn(kind -> kind == EventKind.SET_RENEWED).hasSize(2));
        assertThat(told).extracting(DmaBufEvent::kind).doesNotContain(EventKind.BUFFER_REFUSED);
    }

    @Test
    void whileNewStorageIsMadeTheRotationGoesOn() {
        BufferSet set = preview();
        set.prepare();
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        low.allocating = request -> {
            asked.countDown();
            Waiting.on(answer);
            return low.lowest(request);
        };
        CompletableFuture<Void> joining =
                CompletableFuture.runAsync(() -> set.attach("encoder", Direction.TO_DEVICE));
        Waiting.on(asked);
        for (int round = 0; round < 100; round++) {
            List<SetBuffer> frames = acquireAll(set);
            assertThat(frames).extracting(SetBuffer::generation).containsOnly(1L);
            frames.forEach(SetBuffer::close);
        }
        assertThat(joining).isNotDone();
        answer.countDown();
        joining.join();
        assertThat(set.acquire(Duration.ZERO).generation()).isEqualTo(2);
    }

    @Test
    void aQuotaHoldsForAllBuffersAndForBothGenerations() {
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "bytes", Integer.toString(6 * SIZE)));
        BufferSet set = preview();
        SetBuffer frame = set.acquire(Duration.ZERO);
        assertThat(Bench.refusal(() -> set.attach("encoder", Direction.TO_DEVICE)).reason()).isEqualTo(Reason.QUOTA);
        assertThat(set.info().generation()).isEqualTo(1);
        assertThat(low.statistics().live()).isZero();
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "bytes", Integer.toString(8 * SIZE)));
        set.attach("encoder", Direction.TO_DEVICE);
        frame.close();
        await().untilAsserted(() -> assertThat(bench.sandbox.core().quotas().all().getFirst().byteSize())
                .isEqualTo(COUNT * SIZE));
    }

    @Test
    void aSetIsFollowedWhenTheDeviceLeavesForWhichNobodyElseCouldServe() {
        BufferSet set = preview();
        set.attach("encoder", Direction.TO_DEVICE);
        set.prepare();
        bench.sandbox.removeAllocator("low");
        bench.sandbox.removeAllocator("high");
        assertThat(set.info().orphaned()).isTrue();
        bench.pool("heir", 0, 0x2_0000_0000L);
        assertThat(set.info().orphaned()).as("the heir is out of the encoder's reach").isTrue();
        bench.sandbox.removeDevice("encoder");
        assertThat(set.info().orphaned()).isFalse();
        assertThat(set.info().allocator()).contains("heir");
        set.close();
        await().untilAsserted(() -> assertThat(bench.exporter.buffers()).isEmpty());
        forget(low, LOW);
    }

    @Test
    void anAllocatorThatLeavesIsFollowedAndOldFramesStayIntact() {
        BufferSet set = preview();
        SetBuffer frame = set.acquire(Duration.ZERO);
        fill(frame, 9);
        bench.sandbox.removeAllocator("high");
        assertThat(set.info().allocator()).contains("low");
        assertThat(set.info().draining()).isEqualTo(1);
        assertThat(set.acquire(Duration.ZERO).generation()).isEqualTo(2);
        verify(frame, 9);
        frame.close();
        await().untilAsserted(() -> assertThat(set.info().draining()).isZero());
        forgetHigh();
    }

    @Test
    void whereNobodyElseCanServeTheSetRotatesOnAndIsFollowedLater() {
        low.accepts = _ -> false;
        BufferSet set = preview();
        SetBuffer frame = set.acquire(Duration.ZERO);
        fill(frame, 9);
        bench.sandbox.removeAllocator("high");
        assertThat(set.info().orphaned()).isTrue();
        assertThat(set.info().generation()).isEqualTo(1);
        List<SetBuffer> others = IntStream.range(1, COUNT).mapToObj(_ -> set.acquire(Duration.ZERO)).toList();
        others.forEach(SetBuffer::close);
        PoolAllocator heir = bench.pool("heir", 0, 0x2_0000_0000L);
        assertThat(set.info().orphaned()).isFalse();
        assertThat(set.info().allocator()).contains("heir");
        verify(frame, 9);
        frame.close();
        set.close();
        await().untilAsserted(() -> assertThat(bench.exporter.buffers()).isEmpty());
        assertThat(heir.statistics().live()).isZero();
        forgetHigh();
    }

    /** An allocator that left is not told what comes back. */
    private void forgetHigh() {
        forget(high, HIGH);
    }

    private static void forget(PoolAllocator pool, long base) {
        for (int page = 0; page < 64; page++) {
            pool.free(new Segment(base + page * 4096L, 4096));
        }
    }
}
