// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static dmabuf.core.Bench.PAGE;
import static dmabuf.core.Bench.refusal;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the storage that a move leaves: who gets it, what is in it, who pays, and when it goes. */
class MovedStorageTest {
    private static final byte OLD = (byte) 0xa5;
    private static final long SIZE = 4 * PAGE;

    private final AtomicBoolean failing = new AtomicBoolean();
    private final Bench bench = new Bench(Settings.DEFAULT, FailingMemory.at("copy", failing::get))
            .devices("wide")
            .device("narrow", "range=0x0..0x8fffffff");
    private final PoolAllocator high = bench.pool("high", 200, 0x9000_0000L);
    private final PoolAllocator low = bench.pool("low", 100, 0x1000_0000L);
    private final Exporter other = bench.sandbox.exporter("other");

    @AfterEach
    void close() {
        bench.close();
        assertThat(high.freeBytes()).isEqualTo(16 * Bench.MIB);
        assertThat(low.freeBytes()).isEqualTo(16 * Bench.MIB);
    }

    /** A buffer in the high pool, full of old bytes. */
    private static DmaBuf filled(Exporter owner, Recycling recycling) {
        DmaBuf buffer = owner.create(
                BufferRequest.ofSize(SIZE).withName("frame").withRecycling(recycling));
        buffer.attach("wide");
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill(OLD);
        }
        assertThat(buffer.info().allocator()).contains("high");
        return buffer;
    }

    private static void moveDown(DmaBuf buffer) {
        buffer.attach("narrow").close();
        assertThat(buffer.info().allocator()).contains("low");
    }

    private static void moveUp(DmaBuf buffer) {
        buffer.move();
        assertThat(buffer.info().allocator()).contains("high");
    }

    private static byte[] bytes(DmaBuf buffer) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            return access.segment().toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private long kept() {
        return Census.owners(bench.sandbox.core()).stream()
                .flatMap(owner -> owner.pools().stream())
                .mapToLong(OwnerInfo.Pool::keptByteSize)
                .sum();
    }

    @Test
    void theWayBackTakesWhatWasLeft() {
        DmaBuf buffer = filled(bench.exporter, Recycling.UNCLEARED);
        for (int i = 0; i < 10; i++) {
            moveDown(buffer);
            assertThat(kept()).isEqualTo(SIZE);
            moveUp(buffer);
            assertThat(bytes(buffer)).containsOnly(OLD);
        }
        assertThat(high.requests).hasValue(1);
        assertThat(low.requests).hasValue(1);
        assertThat(bench.memory.inUse()).isEqualTo(2 * SIZE);
    }

    @Test
    void nothingIsLeftUnasked() {
        DmaBuf buffer = filled(bench.exporter, Recycling.NONE);
        moveDown(buffer);
        assertThat(high.freeBytes()).isEqualTo(16 * Bench.MIB);
        assertThat(bench.memory.inUse()).isEqualTo(SIZE);
    }

    @Test
    void nobodyElseFindsAnOldByteInIt() {
        moveDown(filled(bench.exporter, Recycling.UNCLEARED));
        try (DmaBuf theirs = other.create(
                BufferRequest.ofSize(SIZE).withName("frame").withRecycling(Recycling.UNCLEARED))) {
            theirs.attach("wide");
            assertThat(bytes(theirs)).containsOnly(0);
            assertThat(high.requests).as("of the mover alone").hasValue(1);
        }
    }

    /** A move overwrites what the buffer has; the memory may have more. */
    @Test
    void whatLiesBeyondTheContentOfAMoveIsZeroForAnotherOwner() {
        low.allocating = request -> larger(low.lowest(request), request);
        DmaBuf mine = filled(bench.exporter, Recycling.UNCLEARED);
        moveDown(mine);
        Memory memory = memory(mine);
        fill(memory);
        moveUp(mine);
        DmaBuf theirs = filled(other, Recycling.UNCLEARED);
        moveDown(theirs);
        assertThat(memory(theirs)).as("what was left").isSameAs(memory);
        assertThat(bytes(theirs)).containsOnly(OLD);
        assertThat(tail(memory)).containsOnly(0);
    }

    private static Allocation larger(Allocation place, AllocationRequest request) {
        return Allocation.of(request.memory(SIZE + PAGE), place.segments());
    }

    private Memory memory(DmaBuf buffer) {
        return bench.sandbox.core().buffers().stream()
                .filter(each -> each.id() == buffer.id())
                .map(each -> ((Phase.Backed) each.phase()).storage().memory())
                .findFirst()
                .orElseThrow();
    }

    private static void fill(Memory memory) {
        try (Arena arena = Arena.ofConfined()) {
            memory.view(0, memory.byteSize(), CpuMode.WRITE, arena).fill(OLD);
        }
    }

    private static byte[] tail(Memory memory) {
        try (Arena arena = Arena.ofConfined()) {
            return memory.view(SIZE, memory.byteSize() - SIZE, CpuMode.READ, arena).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Test
    void aMoveThatFailsLeavesAllAsItWas() {
        DmaBuf buffer = filled(bench.exporter, Recycling.ZEROED);
        moveDown(buffer);
        failing.set(true);
        assertThat(refusal(buffer::move).reason()).isEqualTo(Reason.ACCESS);
        assertThat(buffer.info().allocator()).contains("low");
        assertThat(buffer.info().moves()).isEqualTo(1);
        assertThat(bytes(buffer)).containsOnly(OLD);
        assertThat(kept()).as("half written, nobody gets it").isZero();
        assertThat(bench.memory.inUse()).isEqualTo(SIZE);
        failing.set(false);
        moveUp(buffer);
        assertThat(bytes(buffer)).containsOnly(OLD);
    }

    @Test
    void bothAreChargedAndAQuotaThatHasNoRoomForBothKeepsNothing() {
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "bytes", 2 * SIZE - 1));
        DmaBuf buffer = filled(bench.exporter, Recycling.ZEROED);
        moveDown(buffer);
        assertThat(kept()).isZero();
        assertThat(charged()).isEqualTo(SIZE);
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "bytes", 2 * SIZE));
        moveUp(buffer); // what was charged by the old limit is not kept by the new one
        for (int i = 0; i < 3; i++) {
            moveDown(buffer);
            assertThat(charged()).as("what is kept counts").isEqualTo(2 * SIZE);
            moveUp(buffer);
        }
        try (DmaBuf second = bench.exporter.create(BufferRequest.ofSize(SIZE))) {
            second.beginCpuAccess(CpuMode.READ).close();
            assertThat(kept()).as("it gave way").isZero();
            assertThat(charged()).isEqualTo(2 * SIZE);
        }
    }

    private long charged() {
        return bench.sandbox.core().quotas().all().getFirst().byteSize();
    }

    @Test
    void itIsBoundedAndGivenBackWhenIdle() {
        bench.sandbox.core().configure(Settings.of(Map.of("recycledBytes", SIZE - 1)));
        DmaBuf buffer = filled(bench.exporter, Recycling.ZEROED);
        moveDown(buffer);
        assertThat(kept()).isZero();
        bench.sandbox.core().configure(Settings.of(Map.of("recycledBytes", SIZE, "recycledIdleMillis", 1)));
        moveUp(buffer);
        await().atMost(30, SECONDS).until(() -> bench.memory.inUse() == SIZE);
        assertThat(low.freeBytes()).isEqualTo(16 * Bench.MIB);
        assertThat(bytes(buffer)).containsOnly(OLD);
    }

    @Test
    void whatSomebodyOutsideMayStillReachIsNotKept() {
        DmaBuf buffer = bench.exporter.create(BufferRequest.ofSize(SIZE).withRecycling(Recycling.ZEROED));
        try (Mapping mapping = buffer.attach("wide").map(Direction.BIDIRECTIONAL)) {
            mapping.openFile().close();
        }
        moveDown(buffer);
        assertThat(kept()).isZero();
        assertThat(high.freeBytes()).isEqualTo(16 * Bench.MIB);
    }
}
