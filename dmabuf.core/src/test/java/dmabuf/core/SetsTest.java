// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufException;
import dmabuf.api.EventKind;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceSource;
import dmabuf.api.FenceUsage;
import dmabuf.api.LatePolicy;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.SetBuffer;
import dmabuf.api.SetDevice;
import dmabuf.api.SetInfo;
import dmabuf.api.SetRequest;
import dmabuf.api.StorageFile;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sets of buffers: one negotiation, a rotation without allocation, and new storage without a gap. */
class SetsTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x1_0000_0000L;
    private static final int COUNT = 4;
    private static final int SIZE = 8192;
    private static final Duration LONG = Duration.ofSeconds(60);

    /** Nobody here is slow but a loaded machine. */
    private final Bench bench = new Bench(new Settings(LONG, LONG, OptionalLong.empty()));

    private final PoolAllocator high = bench.pool("high", 9, HIGH);
    private final PoolAllocator low = bench.pool("low", 1, LOW);

    SetsTest() {
        bench.devices("cam", "display").device("encoder", "range=0x0..0xffffffff").device("picky", "access=2");
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(high.statistics().live() + low.statistics().live()).isZero();
    }

    private BufferSet queue() {
        return bench.exporter.createSet(SetRequest.of(BufferRequest.ofSize(SIZE).withName("queue"), COUNT));
    }

    /** A set that previews: the camera fills, the display shows. */
    private BufferSet preview() {
        BufferSet set = queue();
        set.attach(List.of(
                new SetDevice("cam", Direction.FROM_DEVICE), new SetDevice("display", Direction.TO_DEVICE)));
        return set;
    }

    private static List<SetBuffer> acquireAll(BufferSet set) {
        return IntStream.range(0, COUNT).mapToObj(_ -> set.acquire(Duration.ZERO)).toList();
    }

    private static void fill(SetBuffer frame, int value) {
        try (CpuAccess access = frame.buffer().beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill((byte) value);
        }
    }

    private static void verify(SetBuffer frame, int value) {
        try (CpuAccess access = frame.buffer().beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly((byte) value);
        }
    }

    private static long address(SetBuffer frame, String device) {
        return frame.mapping(device).table().contiguousAddress().orElseThrow();
    }

    @Test
    void noMemoryIsUsedBeforeTheFirstAcquisitionAndThenAllBuffersHaveIt() {
        BufferSet set = preview();
        assertThat(set.tryAcquire()).as("not prepared").isEmpty();
        assertThat(set.info().generation()).isZero();
        assertThat(high.requests).hasValue(0);
        assertThat(bench.exporter.buffers()).isEmpty();
        SetBuffer first = set.acquire(Duration.ZERO);
        assertThat(high.requests).hasValue(COUNT);
        assertThat(first.mapping("cam").direction()).isEqualTo(Direction.FROM_DEVICE);
        assertThat(first.mapping("(name=display)").direction()).isEqualTo(Direction.TO_DEVICE);
        assertThatIllegalArgumentException().isThrownBy(() -> first.mapping("encoder"))
                .withMessage("device encoder is not of set queue");
        assertThat(bench.exporter.buffers()).hasSize(COUNT).allSatisfy(info -> {
            assertThat(info.allocator()).contains("high");
            assertThat(info.attachments()).extracting(each -> each.device() + each.mappings())
                    .containsExactly("cam1", "display1");
        });
        SetInfo info = bench.exporter.sets().getFirst();
        assertThat(info).isEqualTo(set.info());
        assertThat(info.free()).isEqualTo(COUNT - 1);
        assertThat(info.acquired()).isEqualTo(1);
        assertThat(info.allocator()).contains("high");
        assertThat(info.devices()).containsExactly(
                new SetDevice("cam", Direction.FROM_DEVICE), new SetDevice("display", Direction.TO_DEVICE));
        assertThat(info.buffers()).hasSize(COUNT).contains(first.buffer().id()).doesNotContain(info.id());
        assertThat(Bench.refusal(() -> bench.exporter.open(info.id()))).hasMessage("1 is a set: open one of its buffers");
        set.close();
        first.close();
    }

    @Test
    void allBuffersComeFromOneAllocatorOrNone() {
        PoolAllocator small = bench.pool("small", 10, 0x2000_0000L, 3 * SIZE);
        BufferSet set = queue();
        set.prepare();
        assertThat(set.info().allocator()).contains("high");
        assertThat(small.requests).as("it was asked until it had no more").hasValue(COUNT);
        assertThat(small.statistics().live()).isZero();
        SetBuffer frame = set.acquire(Duration.ZERO);
        assertThat(frame.buffer().info().lastDecision()).extracting(each -> each.allocator() + ": " + each.text())
                .containsExactly(
                        "small: gave 3 of these, but then: no room for 8192 bytes", "high: gave 4 times 1 run of memory");
        set.close();
        frame.close();
    }

    @Test
    void whenNobodyHasRoomForAllNothingIsKept() {
        high.allocating = _ -> {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, "full");
        };
        low.allocating = high.allocating;
        BufferSet set = preview();
        DmaBufException refusal = Bench.refusal(() -> set.acquire(LONG));
        assertThat(refusal.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(set.info().lastRefusal()).contains(refusal.explanation());
        assertThat(bench.exporter.buffers()).isEmpty();
        assertThat(bench.memory.inUse()).isZero();
        high.allocating = high::lowest;
        set.acquire(Duration.ZERO).close();
    }

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

    /** An allocator that left is not told what comes back. */
    private void forgetHigh() {
        forget(high, HIGH);
    }

    private static void forget(PoolAllocator pool, long base) {
        for (int page = 0; page < 64; page++) {
            pool.free(new Segment(base + page * 4096L, 4096));
        }
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
    void anOwnerThatStopsLosesTheSetAtOnceAndOthersKeepWhatTheyOpened() {
        BufferSet set = preview();
        List<SetBuffer> all = acquireAll(set);
        fill(all.getFirst(), 3);
        DmaBuf theirs = bench.sandbox.exporter("other").open(all.getFirst().buffer().id());
        CompletableFuture<DmaBufException> waiting =
                CompletableFuture.supplyAsync(() -> Bench.refusal(() -> set.acquire(LONG)));
        bench.sandbox.removeOwner("app");
        assertThat(waiting.join().reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(set::tryAcquire).reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(() -> all.getFirst().buffer()).reason()).isEqualTo(Reason.GONE);
        assertThat(bench.sandbox.exporter("other").buffers()).singleElement().satisfies(info ->
                assertThat(info.id()).isEqualTo(theirs.id()));
        assertThat(bench.sandbox.exporter("other").sets()).isEmpty();
        try (CpuAccess access = theirs.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 3);
        }
        all.forEach(SetBuffer::close);
        theirs.close();
        assertThat(high.statistics().live()).isZero();
    }

    @Test
    void anOwnerThatStopsTakesNoSetOfOthersAlong() {
        BufferSet theirs = bench.sandbox.exporter("viewer").createSet(SetRequest.of(BufferRequest.ofSize(SIZE), 1));
        preview().prepare();
        bench.sandbox.removeOwner("app");
        theirs.acquire(Duration.ZERO).close();
        theirs.close();
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
    void oneBufferThatCannotBeMappedLeavesNothingOfTheOthers() {
        TestMapper mapper = new TestMapper("smmu");
        AtomicInteger maps = new AtomicInteger();
        mapper.answering = piece -> {
            if (maps.incrementAndGet() == 2) {
                throw new DmaBufException(Reason.OUT_OF_MEMORY, "no more addresses");
            }
            return piece;
        };
        bench.sandbox.addMapper(mapper);
        bench.sandbox.addDevice(Device.of("gpu", List.of(Bench.path("").withIommu("smmu"))), Map.of());
        BufferSet set = queue();
        set.attach("gpu", Direction.BIDIRECTIONAL);
        assertThat(Bench.refusal(set::prepare).reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(mapper.mapped).isEmpty();
        assertThat(bench.memory.inUse()).isZero();
        assertThat(bench.exporter.buffers()).isEmpty();
        set.prepare();
        assertThat(mapper.mapped).hasSize(COUNT);
        set.close();
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

    /** The storage of all its buffers is chosen together, so none of them moves alone. */
    @Test
    void nobodyMovesOneBufferOfASet() {
        BufferSet set = queue();
        set.prepare();
        long id = set.info().buffers().getFirst();
        try (DmaBuf opened = bench.sandbox.exporter("viewer").open(id)) {
            assertThat(Bench.refusal(opened::move)).hasMessageEndingWith("it is held; held by set queue");
        }
        set.close();
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

    @Test
    void wrongRequestsAreRefused() {
        BufferRequest plain = BufferRequest.ofSize(SIZE);
        assertThat(Bench.refusal(() -> SetRequest.of(plain, 0)))
                .hasMessage("count=0 is not allowed: a set has 1 to 1024 buffers");
        assertThat(Bench.refusal(() -> SetRequest.of(plain, 1025)).reason()).isEqualTo(Reason.INVALID);
        assertThat(Bench.refusal(() -> SetRequest.of(plain.withExpectedDevices(List.of("cam")), 2)))
                .hasMessage("a set waits for no devices: attach them to the set");
        assertThat(Bench.refusal(() -> bench.exporter.createSet(SetRequest.of(plain.withFlags(List.of("nonsense")), 2)))
                        .reason())
                .isEqualTo(Reason.INVALID);
        assertThat(bench.exporter.sets()).isEmpty();
    }
}
