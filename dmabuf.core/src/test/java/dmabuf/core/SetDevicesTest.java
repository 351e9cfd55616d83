// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.Direction;
import dmabuf.api.DmaBufException;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceSource;
import dmabuf.api.FenceUsage;
import dmabuf.api.LatePolicy;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.SetBuffer;
import dmabuf.api.SetDevice;
import dmabuf.api.SetInfo;
import dmabuf.api.SetRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Devices that join a set, leave it and come back, while its buffers are in use. */
class SetDevicesTest extends SetStage {
    @Test
    void aDeviceThatTheStorageSuitsJoinsAllBuffersAlsoThoseThatAreOut() {
        BufferSet set = queue();
        set.attach("cam", Direction.FROM_DEVICE);
        SetBuffer frame = set.acquire(Duration.ZERO);
        long place = address(frame, "cam");
        set.attach("display", Direction.TO_DEVICE);
        assertThat(address(frame, "display")).isEqualTo(place);
        assertThat(set.info().generation()).isEqualTo(1);
        assertThat(high.requests).hasValue(COUNT);
        assertThat(bench.exporter.buffers()).allSatisfy(info -> assertThat(info.attachments()).hasSize(2));
    }

    @Test
    void devicesThatCannotShareAreRefusedAllOrNone() {
        BufferSet set = preview();
        bench.device("one", "access=1");
        assertThat(Bench.refusal(() -> set.attach(List.of(
                                new SetDevice("one", Direction.TO_DEVICE), new SetDevice("picky", Direction.TO_DEVICE))))
                        .reason())
                .isEqualTo(Reason.INCOMPATIBLE);
        set.prepare();
        set.attach("one", Direction.TO_DEVICE);
        assertThat(Bench.refusal(() -> set.attach("picky", Direction.TO_DEVICE)).reason())
                .isEqualTo(Reason.INCOMPATIBLE);
        assertThat(set.info().devices()).extracting(SetDevice::device).containsExactly("cam", "display", "one");
        assertThatIllegalStateException().isThrownBy(() -> set.attach("cam", Direction.TO_DEVICE));
        assertThatIllegalArgumentException().isThrownBy(() -> set.attach(List.of(
                new SetDevice("encoder", Direction.TO_DEVICE), new SetDevice("(name=encoder)", Direction.TO_DEVICE))));
        assertThat(set.info().generation()).isEqualTo(1);
    }

    @Test
    void aDetachedDeviceIsUnmappedFromFreeBuffersAtOnceAndFromOthersWhenTheyAreReleased() {
        BufferSet set = preview();
        SetBuffer frame = set.acquire(Duration.ZERO);
        set.detach("display");
        assertThat(bench.exporter.buffers()).extracting(info -> info.attachments().size())
                .containsExactlyInAnyOrder(2, 1, 1, 1);
        frame.mapping("display").table();
        frame.close();
        await().untilAsserted(() -> assertThat(bench.exporter.buffers())
                .allSatisfy(info -> assertThat(info.attachments()).hasSize(1)));
        assertThat(set.info().generation()).isEqualTo(1);
        assertThatIllegalStateException().isThrownBy(() -> set.detach("display"));
        set.attach("display", Direction.TO_DEVICE);
        assertThat(set.acquire(Duration.ZERO).mapping("display").direction()).isEqualTo(Direction.TO_DEVICE);
    }

    @Test
    void aDetachedDeviceHasLeftABufferBeforeThatIsAcquiredAgain() {
        BufferSet set = preview();
        List<SetBuffer> all = acquireAll(set);
        CountDownLatch stopped = new CountDownLatch(1);
        bench.sandbox.core().sets().later(() -> Waiting.on(stopped));
        set.detach("display");
        all.getFirst().close();
        CompletableFuture<SetBuffer> next = new CompletableFuture<>();
        Thread busy = Thread.ofPlatform().start(() -> next.completeAsync(() -> set.acquire(LONG), Runnable::run));
        await().until(() -> busy.getState() == Thread.State.TIMED_WAITING || next.isDone());
        stopped.countDown();
        SetBuffer again = next.join();
        assertThat(again.buffer().info().attachments()).extracting(AttachmentInfo::device).containsExactly("cam");
        assertThat(again.index()).isEqualTo(all.getFirst().index());
    }

    @Test
    void aDeviceThatComesBackWhileABufferStillHasItGetsNewStorage() {
        BufferSet set = preview();
        SetBuffer frame = set.acquire(Duration.ZERO);
        set.detach("display");
        set.attach("display", Direction.BIDIRECTIONAL);
        assertThat(set.info().generation()).isEqualTo(2);
        assertThat(set.acquire(Duration.ZERO).mapping("display").direction()).isEqualTo(Direction.BIDIRECTIONAL);
        frame.close();
        await().untilAsserted(() -> assertThat(set.info().draining()).isZero());
    }

    @Test
    void aDeviceThatComesBackWhenNoBufferHasItAnyMoreJoinsAgain() {
        BufferSet set = preview();
        set.prepare();
        set.detach("display");
        set.attach("display", Direction.TO_DEVICE);
        assertThat(set.info().generation()).isEqualTo(1);
        assertThat(set.acquire(Duration.ZERO).mapping("display").table().contiguousAddress()).isPresent();
        set.close();
    }

    @Test
    void aDeviceThatLeavesIsNoLongerOfTheSet() {
        BufferSet set = preview();
        SetBuffer frame = set.acquire(Duration.ZERO);
        Mapping mapping = frame.mapping("display");
        bench.sandbox.removeDevice("display");
        assertThat(Bench.refusal(mapping::table).reason()).isEqualTo(Reason.GONE);
        assertThat(set.info().devices()).extracting(SetDevice::device).containsExactly("cam");
        frame.mapping("cam").table();
        set.attach("encoder", Direction.TO_DEVICE);
        assertThat(set.info().generation()).isEqualTo(2);
        bench.devices("display");
        set.attach("display", Direction.TO_DEVICE);
        set.acquire(Duration.ZERO).mapping("display").table();
        frame.close();
    }

    @Test
    void aDeviceForWhichNobodyHasRoomIsRefusedAndNothingChanges() {
        BufferSet set = preview();
        SetBuffer frame = set.acquire(Duration.ZERO);
        fill(frame, 7);
        SetInfo before = set.info();
        List<Long> buffers = bench.exporter.buffers().stream().map(each -> each.id()).toList();
        low.allocating = request -> {
            if (low.requests.get() > 2) {
                throw new DmaBufException(Reason.OUT_OF_MEMORY, "full");
            }
            return low.lowest(request);
        };
        DmaBufException refusal = Bench.refusal(() -> set.attach("encoder", Direction.TO_DEVICE));
        assertThat(refusal.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(set.info()).usingRecursiveComparison().ignoringFields("lastRefusal").isEqualTo(before);
        assertThat(bench.exporter.buffers()).extracting(each -> each.id()).isEqualTo(buffers);
        assertThat(bench.exporter.buffers()).allSatisfy(info -> assertThat(info.attachments()).hasSize(2));
        assertThat(low.statistics().live()).isZero();
        verify(frame, 7);
        low.allocating = low::lowest;
        set.attach("encoder", Direction.TO_DEVICE);
        verify(frame, 7);
        frame.close();
    }

    @Test
    void theCreatorCanForbidNewStorage() {
        BufferSet set = bench.exporter.createSet(SetRequest.of(
                BufferRequest.ofSize(SIZE).withName("queue").withLatePolicy(LatePolicy.REFUSE), COUNT));
        set.attach("cam", Direction.FROM_DEVICE);
        set.prepare();
        assertThat(Bench.refusal(() -> set.attach("encoder", Direction.TO_DEVICE)).reason()).isEqualTo(Reason.BUSY);
        set.attach("display", Direction.TO_DEVICE);
        assertThat(set.info().devices()).hasSize(2);
    }

    @Test
    void anOldBufferStaysMappedUntilTheFencesThatWereLeftInItAreDone() {
        BufferSet set = preview();
        SetBuffer frame = set.acquire(Duration.ZERO);
        Mapping shown = frame.mapping("display");
        FenceSource showing = frame.buffer().addFence(FenceRequest.of(FenceUsage.READ, LONG));
        frame.close();
        set.detach("display");
        shown.table();
        set.attach("encoder", Direction.TO_DEVICE);
        assertThat(set.info().draining()).isEqualTo(1);
        shown.table();
        showing.signal();
        await().untilAsserted(() -> assertThat(set.info().draining()).isZero());
        assertThat(Bench.refusal(shown::table).reason()).isEqualTo(Reason.GONE);
    }
}
