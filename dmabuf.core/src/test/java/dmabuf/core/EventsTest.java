// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaBufListener;
import dmabuf.api.EventKind;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What listeners are told: which events, in which order, and who is harmed by one that hangs or throws. */
class EventsTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x2000_0000L;

    /** Long enough for a listener that is called for the first time, on a machine that is busy; one of the tests waits as long. */
    private static final Settings SETTINGS = new Settings(
            Duration.ofSeconds(3), Duration.ofSeconds(1), OptionalLong.empty());

    private final Bench bench = new Bench(SETTINGS).devices("cam", "codec");
    private final Events events = bench.sandbox.core().events();
    private final Log log = new Log();

    /** Keeps what it is told. */
    private static final class Log implements DmaBufListener {
        final List<DmaBufEvent> told = new CopyOnWriteArrayList<>();

        @Override
        public void event(DmaBufEvent event) {
            told.add(event);
        }

        List<EventKind> kinds() {
            return told.stream().map(DmaBufEvent::kind).toList();
        }

        void awaitKinds(EventKind... kinds) {
            await().untilAsserted(() -> assertThat(kinds()).containsExactly(kinds));
        }
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void theLifeOfABufferIsToldInOrder() {
        bench.pool("pool", 0, LOW);
        events.add(log, EventKind.usual(), "test");
        DmaBuf frame = bench.buffer(5000);
        Attachment cam = frame.attach("cam");
        Mapping mapping = cam.map(Direction.FROM_DEVICE);
        Bench.refusal(cam::close);
        mapping.close();
        frame.beginCpuAccess(CpuRequest.of(CpuMode.READ)).close();
        cam.close();
        frame.close();
        log.awaitKinds(
                EventKind.BUFFER_CREATED, EventKind.BUFFER_ATTACHED, EventKind.BUFFER_ALLOCATED, EventKind.BUFFER_MAPPED,
                EventKind.BUFFER_REFUSED, EventKind.BUFFER_UNMAPPED, EventKind.BUFFER_DETACHED, EventKind.BUFFER_RELEASED);
        assertThat(log.told).allSatisfy(event -> {
            assertThat(event.bufferId()).hasValue(frame.id());
            assertThat(event.bufferName()).hasValue("frame");
            assertThat(event.bundle()).hasValue("app");
        });
        assertThat(log.told).extracting(DmaBufEvent::text).containsExactly(
                "frame#1 of 5000 created by app", "frame#1 is shared with cam", "frame#1 comes from pool: 8K in 1 run",
                "frame#1 is mapped for cam, from device",
                "frame#1: EBUSY device cam is mapped: unmap before it detaches from buffer frame",
                "frame#1 is unmapped for cam", "frame#1 is no longer shared with cam", "frame#1 is released");
        assertThat(log.told.get(4).reason()).hasValue(Reason.BUSY);
        assertThat(log.told.get(3).device()).hasValue("cam");
        assertThat(log.told.get(3).allocator()).hasValue("pool");
    }

    @Test
    void cpuAccessesAreToldToThoseWhoNameThem() {
        bench.pool("pool", 0, LOW);
        events.add(log, Set.of(EventKind.BUFFER_CPU_BEGUN, EventKind.BUFFER_CPU_ENDED), "test");
        DmaBuf frame = bench.buffer(4096);
        frame.beginCpuAccess(CpuRequest.of(CpuMode.READ_WRITE)).close();
        log.awaitKinds(EventKind.BUFFER_CPU_BEGUN, EventKind.BUFFER_CPU_ENDED);
        assertThat(log.told.getFirst().text()).isEqualTo("frame#1: the CPU begins to read-write");
    }

    @Test
    void whatCannotBeUsedInTheEndIsToldAsReturned() {
        bench.pool("pool", 0, LOW);
        bench.sandbox.addDevice(Device.of("npu", List.of(Bench.path("").withIommu("iommu"))), Map.of());
        TestMapper mapper = new TestMapper("iommu");
        bench.sandbox.addMapper(mapper);
        DmaBuf frame = bench.buffer(4096);
        Attachment npu = frame.attach("npu");
        events.add(log, EventKind.usual(), "test");
        mapper.answering = _ -> {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, "the address space is full");
        };
        Bench.refusal(() -> npu.map(Direction.TO_DEVICE));
        log.awaitKinds(EventKind.BUFFER_ALLOCATED, EventKind.BUFFER_RETURNED, EventKind.BUFFER_REFUSED);
        assertThat(log.told.get(1).text())
                .isEqualTo("frame#1 gave its storage back to pool: the call that needed it failed");
    }

    @Test
    void storageThatMovesNamesBothAllocators() {
        bench.pool("leaving", 9, LOW);
        bench.pool("staying", 1, HIGH);
        DmaBuf frame = bench.buffer(4096);
        fill(frame);
        events.add(log, EventKind.usual(), "test");
        bench.sandbox.removeAllocator("leaving");
        frame.move();
        bench.sandbox.removeAllocator("staying");
        log.awaitKinds(
                EventKind.ALLOCATOR_LEFT, EventKind.BUFFER_MOVED, EventKind.BUFFER_MOVED, EventKind.ALLOCATOR_LEFT,
                EventKind.BUFFER_ORPHANED);
        DmaBufEvent moved = log.told.get(1);
        assertThat(moved.previousAllocator()).hasValue("leaving");
        assertThat(moved.allocator()).hasValue("staying");
        assertThat(moved.text()).isEqualTo("frame#1 moved from leaving to staying: 4K in 1 run");
        assertThat(log.told.get(2).text()).isEqualTo("frame#1 moved inside staying: 4K in 1 run");
        assertThat(log.told.get(4).reason()).hasValue(Reason.NO_ALLOCATOR);
    }

    @Test
    void participantsThatComeAndGoAreTold() {
        events.add(log, EventKind.usual(), "test");
        bench.pool("pool", 3, LOW);
        Bench.refusal(() -> bench.pool("pool", 5, HIGH));
        bench.sandbox.removeAllocator("pool");
        bench.device("gpu", "");
        bench.sandbox.removeDevice("gpu");
        TestMapper mapper = new TestMapper("iommu");
        bench.sandbox.addMapper(mapper);
        bench.sandbox.removeMapper(mapper);
        bench.sandbox.removeOwner("app");
        log.awaitKinds(
                EventKind.ALLOCATOR_ARRIVED, EventKind.ALLOCATOR_STANDBY, EventKind.ALLOCATOR_LEFT,
                EventKind.ALLOCATOR_ARRIVED, EventKind.DEVICE_ARRIVED, EventKind.DEVICE_LEFT, EventKind.MAPPER_ARRIVED,
                EventKind.MAPPER_LEFT, EventKind.OWNER_RECLAIMED);
        assertThat(log.told).extracting(DmaBufEvent::text).contains(
                "allocator pool of sandbox serves with priority 3",
                "allocator pool of sandbox stands by: its id is taken",
                "allocator pool of sandbox takes over with priority 5", "device gpu is here",
                "a mapper for domain iommu serves", "bundle app stopped: what it held is taken back");
    }

    @Test
    void aPriorityThatChangesIsToldBeforeWhatItCauses() {
        PoolAllocator pool = new PoolAllocator(LOW, Bench.MIB);
        Party<Allocator> party = bench.sandbox.core().arrivals()
                .addAllocator(AllocatorSpec.of("pool", "scripted", 1), pool, "test").party();
        events.add(log, EventKind.usual(), "test");
        bench.sandbox.core().arrivals().updateAllocator(party, AllocatorSpec.of("pool", "scripted", 7));
        log.awaitKinds(EventKind.ALLOCATOR_CHANGED);
        assertThat(log.told.getFirst().text()).isEqualTo("allocator pool of test changes its priority from 1 to 7");
    }

    @Test
    void whatAnOwnerLeavesBehindIsToldBeforeItsReclaim() {
        bench.pool("pool", 0, LOW);
        Exporter other = bench.sandbox.exporter("other");
        DmaBuf frame = other.create(BufferRequest.ofSize(4096).withName("theirs"));
        frame.attach("cam").map(Direction.TO_DEVICE);
        events.add(log, EventKind.usual(), "test");
        bench.sandbox.removeOwner("other");
        log.awaitKinds(
                EventKind.BUFFER_UNMAPPED, EventKind.BUFFER_DETACHED, EventKind.BUFFER_RELEASED,
                EventKind.OWNER_RECLAIMED);
    }

    @Test
    void oneThatThrowsAndOneThatHangsHarmThemselvesAlone() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch hangs = new CountDownLatch(1);
        Log late = new Log();
        events.add(event -> {
            throw new IllegalStateException("broken");
        }, EventKind.usual(), "thrower");
        events.add(event -> {
            entered.countDown();
            awaitQuietly(hangs);
            late.event(event);
        }, EventKind.usual(), "hanger");
        events.add(log, EventKind.usual(), "test");
        List<DmaBuf> frames = IntStream.range(0, 5).mapToObj(_ -> bench.buffer(4096)).toList();
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        await().until(() -> {
            events.post(DmaBufEvent.of(EventKind.DEVICE_ARRIVED, Instant.now()).build());
            return bench.sandbox.warnings().size() == 2;
        });
        frames.forEach(DmaBuf::close);
        await().until(() -> log.kinds().stream().filter(EventKind.BUFFER_RELEASED::equals).count() == 5);
        assertThat(bench.sandbox.warnings()).containsExactlyInAnyOrder(
                "event listener of thrower threw java.lang.IllegalStateException: broken",
                "event listener of hanger did not return within 3000 ms: it loses the events that come meanwhile");
        hangs.countDown();
        await().until(() -> late.kinds().contains(EventKind.EVENTS_LOST));
        assertThat(late.told.getLast().lost()).as("told and lost are all").isEqualTo(log.told.size() - late.told.size() + 1);
    }

    @Test
    void whatFindsNoPlaceIsCountedAndToldAtItsPlace() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Mailbox mailbox = patient().add(event -> {
            entered.countDown();
            awaitQuietly(goOn);
            log.event(event);
        }, EventKind.usual(), "slow");
        mailbox.post(numbered(0));
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        IntStream.rangeClosed(1, Mailbox.CAPACITY + 7).forEach(number -> mailbox.post(numbered(number)));
        goOn.countDown();
        await().until(() -> log.told.size() == Mailbox.CAPACITY + 2);
        assertThat(log.told.getLast().kind()).isEqualTo(EventKind.EVENTS_LOST);
        assertThat(log.told.getLast().lost()).isEqualTo(7);
        assertThat(log.told.getLast().text()).isEqualTo("7 events are lost: the listener did not keep up");
        mailbox.post(numbered(-1));
        await().until(() -> log.told.getLast().lost() == -1);
        assertThat(log.told.subList(0, Mailbox.CAPACITY + 1)).extracting(DmaBufEvent::lost)
                .containsExactlyElementsOf(IntStream.rangeClosed(0, Mailbox.CAPACITY).mapToObj(Long::valueOf).toList());
    }

    /** Listeners whose calls may take as long as this test takes. */
    private Events patient() {
        return new Events(new ForeignCode(() -> Duration.ofHours(1)), bench.sandbox.core().journal());
    }

    private static DmaBufEvent numbered(long number) {
        return DmaBufEvent.of(EventKind.DEVICE_ARRIVED, Instant.EPOCH).lost(number).build();
    }

    @Test
    void aListenerThatLeftIsToldNothingMore() {
        Mailbox mailbox = events.add(log, EventKind.usual(), "test");
        Log other = new Log();
        events.add(other, EventKind.usual(), "other");
        bench.device("gpu", "");
        log.awaitKinds(EventKind.DEVICE_ARRIVED);
        events.remove(mailbox);
        bench.sandbox.removeDevice("gpu");
        other.awaitKinds(EventKind.DEVICE_ARRIVED, EventKind.DEVICE_LEFT);
        log.awaitKinds(EventKind.DEVICE_ARRIVED);
    }

    @Test
    void aListenerMayCallTheRuntimeBack() {
        bench.pool("pool", 0, LOW);
        events.add(event -> {
            if (event.kind() == EventKind.BUFFER_CREATED) {
                try (DmaBuf own = bench.exporter.open(event.bufferId().orElseThrow())) {
                    fill(own);
                }
            }
            log.event(event);
        }, Set.of(EventKind.BUFFER_CREATED, EventKind.BUFFER_ALLOCATED), "test");
        bench.buffer(4096);
        log.awaitKinds(EventKind.BUFFER_CREATED, EventKind.BUFFER_ALLOCATED);
    }

    @Test
    void whoListensToNobodyPaysNothing() {
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        frame.attach("cam").map(Direction.TO_DEVICE);
        Buffer buffer = bench.sandbox.core().buffers().iterator().next();
        Holder holder = buffer.holders().getFirst();
        Chronicle chronicle = bench.sandbox.core().chronicle();
        assertThat(allocatedBy(() -> chronicle.held(buffer, holder))).isZero();
        assertThat(allocatedBy(() -> chronicle.letGo(buffer, holder))).isZero();
        Mailbox mailbox = events.add(log, Set.of(EventKind.BUFFER_MAPPED), "test");
        assertThat(allocatedBy(() -> chronicle.held(buffer, holder))).as("the measure measures").isPositive();
        events.remove(mailbox);
        assertThat(allocatedBy(() -> chronicle.held(buffer, holder))).as("nobody is left").isZero();
    }

    /** Returns the bytes that a run allocates: the least of several looks, because the machine itself allocates some now and then. */
    private static long allocatedBy(Runnable action) {
        return IntStream.range(0, 5).mapToLong(_ -> allocatedByThousand(action) / 1000).min().orElseThrow();
    }

    private static long allocatedByThousand(Runnable action) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        IntStream.range(0, 1000).forEach(_ -> action.run());
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1000; i++) {
            action.run();
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void kindsAreReadFromAProperty() {
        assertThat(Events.kinds(null)).isEqualTo(EventKind.usual()).doesNotContain(EventKind.BUFFER_CPU_BEGUN);
        assertThat(Events.kinds("ALL")).containsExactly(EventKind.values());
        assertThat(Events.kinds(new String[] {"buffer_mapped", "DEVICE_LEFT"}))
                .containsExactlyInAnyOrder(EventKind.BUFFER_MAPPED, EventKind.DEVICE_LEFT);
        assertThat(Events.kinds(List.of("device_left"))).containsExactly(EventKind.DEVICE_LEFT);
        assertThat(Bench.refusal(() -> Events.kinds("mapped")))
                .hasMessageStartingWith("dmabuf.listener.kinds=mapped is no kind of event; there are all, [BUFFER_CREATED,");
    }

    private static void fill(DmaBuf frame) {
        try (var access = frame.beginCpuAccess(CpuRequest.of(CpuMode.WRITE))) {
            access.segment().fill((byte) 1);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
