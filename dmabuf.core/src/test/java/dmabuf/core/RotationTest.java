// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.BufferSet;
import dmabuf.api.Direction;
import dmabuf.api.DmaBufException;
import dmabuf.api.FenceUsage;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.SetBuffer;
import dmabuf.api.StorageFile;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The rotation of a set: whoever acquires a buffer has it alone, and waits where none is free. */
class RotationTest extends SetStage {
    @Test
    void aRotationAllocatesNothingAndCallsNobody() {
        BufferSet set = preview();
        set.prepare();
        int requests = high.requests.get();
        int matches = high.matches.get();
        long inUse = bench.memory.inUse();
        Set<Long> seen = new HashSet<>();
        for (int round = 0; round < 1000; round++) {
            List<SetBuffer> frames = acquireAll(set);
            assertThat(set.tryAcquire()).isEmpty();
            frames.forEach(frame -> seen.add(frame.buffer().id()));
            frames.forEach(SetBuffer::close);
        }
        assertThat(seen).hasSize(COUNT);
        assertThat(high.requests).hasValue(requests);
        assertThat(high.matches).hasValue(matches);
        assertThat(bench.memory.inUse()).isEqualTo(inUse);
    }

    @Test
    void aHandleIsGoodForOneAcquisition() {
        BufferSet set = preview();
        SetBuffer first = set.acquire(Duration.ZERO);
        first.buffer().close();
        first.mapping("cam").close();
        assertThat(first.buffer().info().attachments()).as("what is lent is not closed")
                .extracting(each -> each.mappings()).containsExactly(1, 1);
        first.close();
        SetBuffer second = set.acquire(Duration.ZERO);
        assertThat(second.index()).as("the last one released").isEqualTo(first.index());
        first.close();
        assertThat(set.info().acquired()).as("closing twice does not release it from its new holder").isEqualTo(1);
        assertThat(Bench.refusal(first::buffer).reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(() -> first.mapping("cam"))).hasMessageEndingWith("was released: acquire again");
        second.buffer().info();
    }

    @Test
    void whoFindsNoneFreeWaitsForARelease() {
        BufferSet set = preview();
        List<SetBuffer> all = acquireAll(set);
        DmaBufException refusal = Bench.refusal(() -> set.acquire(Duration.ofMillis(5)));
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(refusal).hasMessage("all 4 buffers of set queue are acquired");
        CompletableFuture<SetBuffer> got = new CompletableFuture<>();
        Thread waiting = Thread.ofPlatform().start(() -> got.completeAsync(() -> set.acquire(LONG), Runnable::run));
        await().until(waiting::getState, Thread.State.TIMED_WAITING::equals);
        all.get(2).close();
        assertThat(got).as("woken, not only when its patience ends").succeedsWithin(Duration.ofSeconds(30))
                .extracting(SetBuffer::index).isEqualTo(all.get(2).index());
    }

    @Test
    void aTryGetsWhatIsFree() {
        BufferSet set = preview();
        set.prepare();
        try (SetBuffer one = set.tryAcquire().orElseThrow()) {
            assertThat(set.info().free()).isEqualTo(COUNT - 1);
            assertThat(one.generation()).isEqualTo(1);
        }
        set.close();
    }

    @Test
    void whatIsMappedForASetIsAsGoodAsWhatOneMapsOneself() {
        BufferSet set = preview();
        List<SetBuffer> all = acquireAll(set);
        assertThat(all).extracting(SetBuffer::index).containsExactlyInAnyOrder(0, 1, 2, 3);
        Mapping mapping = all.getFirst().mapping("display");
        assertThat(mapping.hasTable()).isTrue();
        assertThat(mapping.allocator()).isEqualTo("high");
        try (StorageFile file = mapping.openFile()) {
            assertThat(file.extents()).extracting(extent -> extent.physical().address())
                    .containsExactly(address(all.getFirst(), "cam"));
        }
        assertThat(Bench.refusal(() -> mapping.openSyncFile(FenceUsage.READ)).reason()).isEqualTo(Reason.ACCESS);
        set.close();
        all.forEach(SetBuffer::close);
    }

    @Test
    void anInterruptEndsTheWaitForABuffer() {
        BufferSet set = preview();
        List<SetBuffer> out = acquireAll(set);
        Waiter<SetBuffer> waiting = Waiter.of(() -> set.acquire(LONG));
        waiting.thread().interrupt();
        assertThat(waiting.refusal().reason()).isEqualTo(Reason.BUSY);
        out.forEach(SetBuffer::close);
        set.close();
    }

    @Test
    void whoWaitsForABufferLearnsThatTheCoreHasStopped() {
        BufferSet set = preview();
        acquireAll(set);
        Waiter<SetBuffer> waiting = Waiter.of(() -> set.acquire(LONG));
        bench.sandbox.close();
        assertThat(waiting.refusal().reason()).isEqualTo(Reason.GONE);
    }

    @Test
    void whoWaitsForABufferGetsOneOfTheNewStorage() throws Exception {
        BufferSet set = preview();
        List<SetBuffer> out = acquireAll(set);
        Waiter<SetBuffer> waiting = Waiter.of(() -> set.acquire(LONG));
        set.attach("encoder", Direction.TO_DEVICE);
        assertThat(waiting.answer().generation()).isEqualTo(2);
        out.forEach(SetBuffer::close);
        set.close();
    }

    @Test
    void whoWaitsForABufferLearnsThatTheSetIsClosed() {
        BufferSet set = preview();
        List<SetBuffer> out = acquireAll(set);
        Waiter<SetBuffer> waiting = Waiter.of(() -> set.acquire(LONG));
        set.close();
        assertThat(waiting.refusal().reason()).isEqualTo(Reason.GONE);
        out.forEach(SetBuffer::close);
    }

    @Test
    void aClosedSetGivesNothingMoreAndWhatIsOutStaysValid() {
        BufferSet set = preview();
        SetBuffer frame = set.acquire(Duration.ZERO);
        fill(frame, 5);
        set.close();
        set.close();
        assertThat(Bench.refusal(() -> set.acquire(LONG))).hasMessage("set queue is closed");
        assertThat(Bench.refusal(() -> set.attach("encoder", Direction.TO_DEVICE)).reason()).isEqualTo(Reason.GONE);
        assertThat(high.statistics().live()).isEqualTo(1);
        assertThat(bench.exporter.sets()).isEmpty();
        verify(frame, 5);
        frame.close();
        await().untilAsserted(() -> assertThat(high.statistics().live()).isZero());
    }
}
