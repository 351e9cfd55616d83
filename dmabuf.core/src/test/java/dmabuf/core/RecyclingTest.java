// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static dmabuf.core.Bench.MIB;
import static dmabuf.core.Bench.PAGE;
import static dmabuf.core.Bench.refusal;
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
import dmabuf.api.Mapping;
import dmabuf.api.OwnerInfo;
import dmabuf.api.Reason;
import dmabuf.api.Recycling;
import dmabuf.api.SetRequest;
import dmabuf.api.spi.AllocatorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Storage that is kept for the next buffer: who gets it, what is in it, and when it goes. */
class RecyclingTest {
    private static final byte OLD = (byte) 0xa5;

    private final Bench bench = new Bench().devices("cam", "codec").device("far", "range=0x90000000..0x90ffffff");
    private final PoolAllocator pool = bench.pool("pool", 200, 0x8000_0000L, MIB);
    private final Exporter other = bench.sandbox.exporter("other");

    @AfterEach
    void close() {
        bench.close();
        assertThat(pool.freeBytes()).as("what the pool has again").isEqualTo(MIB);
    }

    private static BufferRequest request(long byteSize, Recycling recycling) {
        return BufferRequest.ofSize(byteSize).withName("frame").withRecycling(recycling);
    }

    /** Uses a buffer of an owner; answers what its first byte was, and leaves old bytes. */
    private static byte use(Exporter owner, BufferRequest request, String... devices) {
        try (DmaBuf buffer = owner.create(request)) {
            List<Attachment> attached = buffer.attach(List.of(devices));
            byte found = fill(buffer);
            attached.forEach(Attachment::close);
            return found;
        }
    }

    private static byte fill(DmaBuf buffer) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ_WRITE)) {
            MemorySegment bytes = access.segment();
            byte first = bytes.get(ValueLayout.JAVA_BYTE, 0);
            byte last = bytes.get(ValueLayout.JAVA_BYTE, bytes.byteSize() - 1);
            bytes.fill(OLD);
            assertThat(last).isEqualTo(first);
            return first;
        }
    }

    private byte use(Recycling recycling) {
        return use(bench.exporter, request(4 * PAGE, recycling), "cam", "codec");
    }

    private void assertKept(long byteSize) {
        assertThat(bench.memory.inUse()).isEqualTo(byteSize);
        assertThat(MIB - pool.freeBytes()).isEqualTo(byteSize);
        long told = Census.owners(bench.sandbox.core()).stream()
                .flatMap(owner -> owner.pools().stream())
                .mapToLong(OwnerInfo.Pool::keptByteSize)
                .sum();
        assertThat(told).isEqualTo(byteSize);
    }

    @Test
    void nothingIsKeptUnasked() {
        use(Recycling.NONE);
        assertKept(0);
        use(Recycling.ZEROED);
        use(Recycling.NONE);
        assertThat(pool.requests).as("who does not ask gets new storage").hasValue(3);
    }

    @Test
    void theSameQuestionIsAnsweredWithoutTheAllocator() {
        assertThat(use(Recycling.ZEROED)).isZero();
        assertKept(4 * PAGE);
        assertThat(bench.exporter.allocators().getFirst().description())
                .containsEntry("kept", "16K of what is used, for the next buffers");
        assertThat(use(Recycling.ZEROED)).as("zero, also for the same owner").isZero();
        assertThat(use(Recycling.UNCLEARED)).as("asked for as it lies").isEqualTo(OLD);
        assertThat(pool.requests).hasValue(1);
        assertThat(pool.releases).hasValue(0);
        try (DmaBuf buffer = bench.exporter.create(request(4 * PAGE, Recycling.ZEROED))) {
            List<Attachment> attached = buffer.attach(List.of("cam", "codec"));
            attached.getFirst().map(Direction.BIDIRECTIONAL).close();
            assertThat(buffer.info().lastDecision())
                    .singleElement()
                    .satisfies(attempt -> assertThat(attempt.text())
                            .isEqualTo("gave 1 run of memory, kept since an earlier buffer"));
        }
    }

    @Test
    void anotherQuestionIsAskedAnew() {
        use(Recycling.ZEROED);
        use(bench.exporter, request(4 * PAGE, Recycling.ZEROED), "cam");
        use(bench.exporter, request(3 * PAGE, Recycling.ZEROED), "cam", "codec");
        use(bench.exporter, request(4 * PAGE, Recycling.ZEROED).withAlignment(1 << 16), "cam", "codec");
        assertThat(pool.requests).hasValue(4);
        assertKept(15 * PAGE);
    }

    @Test
    void anotherOwnerFindsZeroesWhateverItAsksAndPays() {
        use(Recycling.UNCLEARED);
        assertThat(use(other, request(4 * PAGE, Recycling.UNCLEARED), "cam", "codec")).isZero();
        assertThat(pool.requests).hasValue(1);
        assertThat(bench.exporter.owners())
                .singleElement()
                .satisfies(owner -> {
                    assertThat(owner.name()).isEqualTo("other");
                    assertThat(owner.pools()).containsExactly(new OwnerInfo.Pool("pool", 4 * PAGE, 1, 4 * PAGE));
                });
        assertThat(use(Recycling.UNCLEARED)).as("it came back from another one").isZero();
    }

    @Test
    void aQuotaOfBothCountsItOnceAndOneThatHasNoRoomGetsNothing() {
        bench.sandbox.putQuota(Map.of("name", "all", "owners", "*", "bytes", 4 * PAGE));
        use(Recycling.ZEROED);
        use(other, request(4 * PAGE, Recycling.ZEROED), "cam", "codec");
        assertThat(pool.requests).as("passed on within the quota of both").hasValue(1);
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "bytes", PAGE));
        assertThat(refusal(() -> use(Recycling.ZEROED)).reason()).isEqualTo(Reason.QUOTA);
        assertThat(bench.sandbox.core().quotas().all()).allSatisfy(quota -> assertThat(quota.byteSize()).isZero());
    }

    @Test
    void aLowerLimitHoldsForWhatIsKept() {
        use(Recycling.ZEROED);
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "bytes", PAGE));
        assertThat(refusal(() -> use(Recycling.ZEROED)).reason()).isEqualTo(Reason.QUOTA);
        assertKept(0);
        bench.sandbox.removeQuota("app");
        DmaBuf open = bench.exporter.create(request(4 * PAGE, Recycling.ZEROED));
        fill(open);
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "bytes", PAGE));
        open.close();
        assertKept(0);
    }

    @Test
    void whatIsKeptGivesWayToAQuota() {
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "bytes", 5 * PAGE));
        use(Recycling.ZEROED);
        use(bench.exporter, request(2 * PAGE, Recycling.NONE));
        assertKept(0);
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "descriptors", 2));
        use(bench.exporter, request(PAGE, Recycling.ZEROED));
        try (DmaBuf buffer = bench.exporter.create(request(PAGE, Recycling.NONE));
                Attachment cam = buffer.attach("cam");
                Mapping mapping = cam.map(Direction.TO_DEVICE)) {
            mapping.openFile().close();
        }
    }

    @Test
    void whatIsKeptGivesWayToWhoHasNoRoom() {
        use(Recycling.ZEROED);
        use(other, request(MIB, Recycling.NONE));
        assertKept(0);
        List<DmaBuf> open = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            DmaBuf buffer = bench.exporter.create(request(4 * PAGE, Recycling.ZEROED));
            fill(buffer);
            open.add(buffer);
        }
        open.forEach(DmaBuf::close);
        assertKept(MIB);
        use(other, request(5 * PAGE, Recycling.NONE));
        assertThat(pool.releases.get()).as("fragmented as it was").isGreaterThanOrEqualTo(65);
    }

    @Test
    void theOldestGoesWhenThereIsTooMuch() {
        bench.sandbox.core().configure(Settings.of(Map.of("recycledBytes", "32K")));
        for (int i = 0; i < 5; i++) {
            use(bench.exporter, request(4 * PAGE, Recycling.ZEROED));
        }
        assertThat(pool.requests).as("what is taken counts no more").hasValue(1);
        use(bench.exporter, request(3 * PAGE, Recycling.ZEROED));
        assertKept(7 * PAGE);
        use(bench.exporter, request(2 * PAGE, Recycling.ZEROED));
        assertKept(5 * PAGE);
        use(bench.exporter, request(9 * PAGE, Recycling.ZEROED));
        assertKept(5 * PAGE);
        bench.sandbox.core().configure(Settings.of(Map.of("recycledBytes", "0")));
        assertKept(0);
        use(Recycling.ZEROED);
        assertKept(0);
    }

    @Test
    void noMorePiecesAreKeptThanThereAreDescriptorsFor() {
        BufferRequest page = request(PAGE, Recycling.ZEROED);
        List<DmaBuf> open = new ArrayList<>();
        PoolAllocator wide = bench.pool("wide", 300, 0xa000_0000L, 2 * MIB);
        for (int i = 0; i < Shelf.MOST_PIECES + 3; i++) {
            open.add(bench.exporter.create(page));
            fill(open.getLast());
        }
        open.forEach(DmaBuf::close);
        assertThat(2 * MIB - wide.freeBytes()).isEqualTo(Shelf.MOST_PIECES * PAGE);
        bench.sandbox.removeAllocator("wide");
    }

    @Test
    void whatIsIdleIsGivenBack() {
        bench.sandbox.core().configure(Settings.of(Map.of("recycledIdleMillis", "1")));
        use(Recycling.ZEROED);
        await().atMost(30, SECONDS).until(() -> bench.memory.inUse() == 0);
        await().atMost(30, SECONDS).until(() -> bench.sandbox.core().deadlines().ahead() == 0);
        use(Recycling.ZEROED);
        await().atMost(30, SECONDS).until(() -> bench.memory.inUse() == 0);
    }

    @Test
    void anOwnerTakesAlongWhatItHas() {
        use(Recycling.ZEROED);
        use(other, request(PAGE, Recycling.ZEROED));
        bench.sandbox.removeOwner("app");
        assertKept(PAGE);
        bench.sandbox.removeOwner("other");
        assertKept(0);
    }

    @Test
    void storageThatOthersUseOnWhenItsCreatorIsGoneIsNotKept() {
        DmaBuf buffer = bench.exporter.create(request(PAGE, Recycling.ZEROED));
        fill(buffer);
        try (DmaBuf theirs = other.open(buffer.id())) {
            bench.sandbox.removeOwner("app");
            fill(theirs);
        }
        assertKept(0);
    }

    @Test
    void nothingOutlivesItsAllocatorOrAChangeOfTheChoice() {
        use(Recycling.ZEROED);
        PoolAllocator better = bench.pool("better", 300, 0x9000_0000L);
        assertKept(0);
        use(Recycling.ZEROED);
        assertThat(better.requests).hasValue(1);
        bench.sandbox.removeAllocator("better");
        assertThat(bench.memory.inUse()).isZero();
        TestMapper mapper = new TestMapper("smmu");
        use(Recycling.ZEROED);
        bench.sandbox.addMapper(mapper);
        assertKept(0);
        use(Recycling.ZEROED);
        bench.sandbox.removeMapper(mapper);
        assertKept(0);
    }

    @Test
    void whatAnAllocatorOfSecondChoiceGaveIsNotKept() {
        PoolAllocator better = bench.pool("better", 300, 0x9000_0000L, PAGE);
        use(Recycling.ZEROED);
        assertThat(better.requests).hasValue(1);
        assertKept(0);
    }

    @Test
    void whatSomebodyMayStillReachIsNotKept() {
        try (DmaBuf buffer = bench.exporter.create(request(PAGE, Recycling.ZEROED));
                Attachment cam = buffer.attach("cam");
                Mapping mapping = cam.map(Direction.TO_DEVICE)) {
            mapping.openFile().close();
        }
        assertKept(0);
        DmaBuf buffer = bench.exporter.create(request(PAGE, Recycling.ZEROED));
        CpuAccess left = other.open(buffer.id()).beginCpuAccess(CpuMode.WRITE);
        MemorySegment bytes = left.segment();
        CompletableFuture.runAsync(() -> bench.sandbox.removeOwner("other")).join();
        buffer.close();
        assertKept(0);
        bytes.fill(OLD);
        assertThat(use(bench.exporter, request(PAGE, Recycling.UNCLEARED))).isZero();
        left.close();
    }

    @Test
    void whatACompactionMovedIsVerifiedForThoseWhoWereThereOnly() {
        pool.compacting = pool::pack;
        List<DmaBuf> open = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            open.add(bench.exporter.create(request(MIB / 4, Recycling.ZEROED)));
            fill(open.getLast());
        }
        open.get(0).close();
        open.get(2).close();
        try (DmaBuf large = bench.buffer(MIB / 2)) {
            fill(large);
            assertThat(open.get(1).info().moves() + open.get(3).info().moves()).isPositive();
        }
        open.get(1).close();
        open.get(3).close();
        assertThat(MIB - pool.freeBytes()).as("one did not move").isLessThanOrEqualTo(MIB / 4);
    }

    @Test
    void aMoveTakesWhatIsKeptAndBringsItsContent() {
        PoolAllocator high = bench.pool("high", 100, 0x9000_0000L);
        use(bench.exporter, request(PAGE, Recycling.UNCLEARED), "cam", "far");
        assertThat(high.requests).hasValue(1);
        try (DmaBuf buffer = other.create(request(PAGE, Recycling.ZEROED));
                Attachment cam = buffer.attach("cam")) {
            try (CpuAccess access = buffer.beginCpuAccess(CpuMode.WRITE)) {
                access.segment().fill((byte) 7);
            }
            buffer.attach("far").close();
            assertThat(buffer.info().allocator()).contains("high");
            try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
                assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(7);
            }
            assertThat(cam.device()).isEqualTo("cam");
        }
        assertThat(high.requests).as("of this one").hasValue(1);
        bench.sandbox.removeAllocator("high");
        assertThat(high.freeBytes()).isEqualTo(16 * MIB - PAGE);
    }

    @Test
    void aSetKeepsItsBuffersItself() {
        bench.exporter.createSet(SetRequest.of(request(PAGE, Recycling.ZEROED), 2)).close();
        assertKept(0);
    }

    @Test
    void whatCannotBeClearedGoesBackAndNewStorageServes() {
        try (Bench failing = new Bench(Settings.DEFAULT, FailingMemory.at("zero")).devices("cam")) {
            PoolAllocator its = failing.pool("pool", 1, 0x8000_0000L, MIB);
            for (int i = 0; i < 2; i++) {
                assertThat(use(failing.exporter, request(PAGE, Recycling.ZEROED), "cam")).isZero();
            }
            assertThat(its.requests).hasValue(2);
            assertThat(its.releases).hasValue(1);
        }
    }

    @Test
    void aClosedCoreKeepsNothing() {
        try (Bench closing = new Bench()) {
            PoolAllocator its = closing.pool("pool", 1, 0x8000_0000L, MIB);
            use(closing.exporter, request(PAGE, Recycling.ZEROED));
            closing.sandbox.close();
            assertThat(its.freeBytes()).isEqualTo(MIB);
        }
    }

    @Test
    void anUpdatedAllocatorIsChosenAnew() {
        use(Recycling.ZEROED);
        bench.sandbox.core().arrivals().updateAllocator(
                bench.sandbox.core().allocators().snapshot().active().getFirst().party(),
                AllocatorSpec.of("pool", "scripted", 7));
        assertKept(0);
    }
}
