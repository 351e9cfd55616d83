// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static dmabuf.core.Bench.MIB;
import static dmabuf.core.Bench.PAGE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import dmabuf.api.OwnerInfo;
import dmabuf.api.Recycling;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.MemorySource;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whom storage that lies ready serves first, for whom it gives way, and what is found in it. */
class ShelfTest {
    private static final byte OLD = (byte) 0xa5;

    /** Deadlines that only a hanging test reaches. */
    private final Bench bench =
            new Bench(new Settings(Duration.ofSeconds(60), Duration.ofSeconds(60), OptionalLong.empty()))
                    .devices("cam");

    private final PoolAllocator pool = bench.pool("pool", 200, 0x8000_0000L, MIB);
    private final Exporter other = bench.sandbox.exporter("other");

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(pool.freeBytes()).as("what the pool has again").isEqualTo(MIB);
    }

    private static BufferRequest request(long byteSize, Recycling recycling) {
        return BufferRequest.ofSize(byteSize).withName("frame").withRecycling(recycling);
    }

    private static DmaBuf filled(Exporter owner, long byteSize, byte value) {
        DmaBuf buffer = owner.create(request(byteSize, Recycling.UNCLEARED));
        fill(buffer, value);
        return buffer;
    }

    private static void fill(DmaBuf buffer, byte value) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill(value);
        }
    }

    private static byte first(DmaBuf buffer) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            return access.segment().get(ValueLayout.JAVA_BYTE, 0);
        }
    }

    private static long kept(PoolAllocator allocator) {
        return MIB - allocator.freeBytes();
    }

    @Test
    void anOwnerGetsItsOwnBackTheYoungestFirst() {
        DmaBuf older = filled(bench.exporter, PAGE, (byte) 1);
        DmaBuf younger = filled(bench.exporter, PAGE, (byte) 2);
        DmaBuf theirs = filled(other, PAGE, (byte) 3);
        older.close();
        younger.close();
        theirs.close();
        try (DmaBuf one = bench.exporter.create(request(PAGE, Recycling.UNCLEARED));
                DmaBuf two = bench.exporter.create(request(PAGE, Recycling.UNCLEARED));
                DmaBuf three = bench.exporter.create(request(PAGE, Recycling.UNCLEARED))) {
            assertThat(List.of(first(one), first(two), first(three))).containsExactly((byte) 2, (byte) 1, (byte) 0);
            assertThat(pool.requests).as("by the three before").hasValue(3);
        }
    }

    @Test
    void whatFillsAllThatMayBeKeptIsKept() {
        bench.sandbox.core().configure(Settings.of(Map.of("recycledBytes", "32K")));
        filled(bench.exporter, 8 * PAGE, OLD).close();
        assertThat(kept(pool)).isEqualTo(8 * PAGE);
    }

    /** What a thread has taken counts on, until somebody needs the room. */
    @Test
    void whatIsInUseIsNotInTheWayOfWhatIsKept() {
        bench.sandbox.core().configure(Settings.of(Map.of("recycledBytes", "32K")));
        filled(bench.exporter, 8 * PAGE, OLD).close();
        DmaBuf again = filled(bench.exporter, 8 * PAGE, OLD);
        DmaBuf elsewhere = filled(bench.exporter, 8 * PAGE, OLD);
        CompletableFuture.runAsync(elsewhere::close, Thread.ofPlatform()::start).join();
        assertThat(kept(pool)).as("with what is in use").isEqualTo(16 * PAGE);
        again.close();
        assertThat(kept(pool)).as("the oldest went").isEqualTo(8 * PAGE);
        for (long pages = 8; pages > 0; pages--) {
            filled(bench.exporter, pages * PAGE, OLD).close();
            assertThat(kept(pool)).isBetween(pages * PAGE, 8 * PAGE);
        }
    }

    @Test
    void whereSomethingLayIsRoomForSomethingElse() {
        bench.sandbox.core().configure(Settings.of(Map.of("recycledBytes", "32K")));
        for (int i = 0; i < 20; i++) {
            filled(bench.exporter, PAGE, OLD).close();
            DmaBuf again = filled(bench.exporter, PAGE, OLD);
            filled(bench.exporter, 2 * PAGE, OLD).close();
            again.close();
        }
        assertThat(kept(pool)).isEqualTo(3 * PAGE);
        assertThat(pool.requests).as("nothing had to give way").hasValue(2);
    }

    /** As when the owner leaves between the two looks: what it has here was given back before. */
    @Test
    void whatIsPutBackWhereItLayIsGivenBackWhenItsOwnerHasLeft() {
        filled(bench.exporter, PAGE, OLD).close();
        DmaBuf again = filled(bench.exporter, PAGE, OLD);
        assertThat(pool.requests).as("it came from its place").hasValue(1);
        Core core = bench.sandbox.core();
        core.buffer(again.id()).orElseThrow().creator().leave();
        again.close();
        assertThat(kept(pool)).isZero();
    }

    @Test
    void whatThreadsTakeAndLeaveAtOnceIsCountedOnce() {
        bench.sandbox.core().configure(Settings.of(Map.of("recycledBytes", "32K")));
        CyclicBarrier start = new CyclicBarrier(4);
        CompletableFuture.allOf(IntStream.range(0, 4)
                        .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                            Waiting.on(start);
                            for (int i = 0; i < 500; i++) {
                                filled(i % 3 == 0 ? other : bench.exporter, (1 + (thread + i / 10) % 3) * PAGE, OLD).close();
                            }
                        }, Thread.ofPlatform()::start))
                        .toArray(CompletableFuture[]::new))
                .join();
        assertThat(kept(pool)).isPositive().isLessThanOrEqualTo(8 * PAGE);
        filled(bench.exporter, 8 * PAGE, OLD).close();
        assertThat(kept(pool)).as("nothing counts that is not there").isEqualTo(8 * PAGE);
        filled(bench.exporter, 8 * PAGE, OLD).close();
        assertThat(kept(pool)).isEqualTo(8 * PAGE);
    }

    @Test
    void eachOwnerIsToldOfItsOwn() {
        filled(bench.exporter, PAGE, OLD).close();
        filled(other, 2 * PAGE, OLD).close();
        assertThat(bench.exporter.owners()).extracting(OwnerInfo::name).containsExactly("app", "other");
        assertThat(bench.exporter.owners())
                .flatExtracting(OwnerInfo::pools)
                .extracting(OwnerInfo.Pool::keptByteSize)
                .containsExactly(PAGE, 2 * PAGE);
    }

    @Test
    void whatIsOfOthersAndElsewhereIsNotInTheWay() {
        PoolAllocator elsewhere = bench.pool("elsewhere", 300, 0xa000_0000L, MIB);
        filled(other, PAGE, OLD).close();
        assertThat(kept(elsewhere)).isEqualTo(PAGE);
        bench.device("here", "range=0x80000000..0x8fffffff");
        keep(bench.sandbox.exporter("third"), 4 * PAGE);
        assertThat(kept(pool)).isEqualTo(4 * PAGE);
        try (DmaBuf large = bench.exporter.create(request(MIB, Recycling.NONE));
                Attachment here = large.attach("here")) {
            here.map(Direction.TO_DEVICE).close();
            assertThat(kept(elsewhere)).isEqualTo(PAGE);
        }
    }

    /** Leaves storage of an owner in the pool. */
    private static void keep(Exporter owner, long byteSize) {
        try (DmaBuf buffer = owner.create(request(byteSize, Recycling.ZEROED));
                Attachment here = buffer.attach("here")) {
            here.map(Direction.TO_DEVICE).close();
        }
    }

    @Test
    void everythingGivesWayToTheCap() {
        PoolAllocator elsewhere = bench.pool("elsewhere", 300, 0xa000_0000L, MIB);
        filled(other, MIB / 2, OLD).close();
        assertThat(kept(elsewhere)).isEqualTo(MIB / 2);
        bench.device("here", "range=0x80000000..0x8fffffff");
        Settings all = bench.sandbox.core().settings();
        bench.sandbox.core().configure(new Settings(all.foreignDeadline(), all.moveDeadline(), OptionalLong.of(MIB)));
        filled(other, MIB / 2, OLD).close();
        try (DmaBuf large = bench.exporter.create(request(MIB, Recycling.NONE));
                Attachment here = large.attach("here")) {
            here.map(Direction.TO_DEVICE).close();
            assertThat(kept(elsewhere)).isZero();
        }
    }

    @Test
    void whoHasNoRoomWaitsForWhatIsOnItsWayBack() throws Exception {
        CountDownLatch releasing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        pool.releasing = _ -> {
            releasing.countDown();
            Waiting.on(go);
        };
        filled(other, MIB, OLD).close();
        Thread clearing = Thread.ofPlatform().start(bench.sandbox.core().shelf()::clear);
        Waiting.on(releasing);
        Waiter<DmaBuf> waiting = Waiter.in(Shelf.class, () -> filled(bench.exporter, MIB, OLD));
        pool.releasing = _ -> {};
        go.countDown();
        clearing.join();
        waiting.answer().close();
        assertThat(pool.requests).as("it was asked again").hasValue(3);
    }

    @Test
    void whatWasUsedAgainMeanwhileIsGivenBackWhenItIsIdleInItsTurn() {
        bench.sandbox.core().configure(Settings.of(Map.of("recycledIdleMillis", "500")));
        filled(bench.exporter, PAGE, OLD).close();
        filled(bench.exporter, PAGE, OLD).close();
        await().atMost(60, SECONDS).until(() -> bench.memory.inUse() == 0);
    }

    @Test
    void aDmaBufIsKeptForBuffersOfItsNameAndOtherMemoryForAny() {
        assertThat(requestsForTwoNames("memfd")).isEqualTo(1);
        assertThat(requestsForTwoNames("heap:system")).isEqualTo(2);
    }

    /** Returns how often an allocator is asked for two buffers of one name and one of another, one after the other. */
    private static int requestsForTwoNames(String source) {
        try (Bench heaps = new Bench(Settings.DEFAULT, HeapMachine::over)) {
            PoolAllocator its = heaps.pool("pool", 1, 0x8000_0000L, MIB);
            its.allocating = request -> {
                Allocation modelled = its.lowest(request);
                return Allocation.of(request.memory(MemorySource.parse(source), PAGE), modelled.segments());
            };
            for (String name : List.of("frame", "frame", "other")) {
                try (DmaBuf buffer = heaps.exporter.create(request(PAGE, Recycling.UNCLEARED).withName(name))) {
                    fill(buffer, OLD);
                }
            }
            return its.requests.get();
        }
    }
}
