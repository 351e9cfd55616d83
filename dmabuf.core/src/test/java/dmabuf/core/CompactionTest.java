// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.LatePolicy;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.IdleStorage;
import dmabuf.api.spi.Relocation;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Idle storage moves together before a request fails by fragmentation. */
class CompactionTest {
    private static final long BASE = 0x1000_0000L;
    private static final long SIZE = 64 * Bench.KIB;

    /** A deadline that only a hanging test reaches. */
    private final Bench bench =
            new Bench(new Settings(Duration.ofSeconds(60), Duration.ofSeconds(60), OptionalLong.empty()))
                    .device("cam", "maxSegments=1");

    private final PoolAllocator pool = bench.pool("pool", 0, BASE, 6 * SIZE);
    private final List<DmaBuf> kept = new ArrayList<>();

    /** Leaves the pool with every second place taken, the last of them for good. */
    @BeforeEach
    void fragment() {
        List<DmaBuf> gaps = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            (i % 2 == 0 ? gaps : kept).add(filled(i, i == 5 ? LatePolicy.REFUSE : LatePolicy.MOVE));
        }
        gaps.forEach(DmaBuf::close);
    }

    private DmaBuf filled(int value, LatePolicy late) {
        DmaBuf frame = bench.exporter.create(BufferRequest.ofSize(SIZE).withLatePolicy(late));
        frame.attach("cam").close();
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill((byte) value);
        }
        return frame;
    }

    @AfterEach
    void nothingIsLeft() {
        verifyContents();
        bench.close();
        assertThat(pool.statistics().live()).isZero();
    }

    private void verifyContents() {
        for (int i = 0; i < kept.size(); i++) {
            try (CpuAccess access = kept.get(i).beginCpuAccess(CpuMode.READ)) {
                assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly((byte) (2 * i + 1));
            }
        }
    }

    @Test
    void idleStorageMovesAndTheRequestSucceeds() {
        pool.compacting = pool::pack;
        Mapping mapping = wanting(2 * SIZE).map(Direction.TO_DEVICE);
        assertThat(mapping.table().contiguousAddress()).hasValue(BASE + 2 * SIZE);
        assertThat(kept).extracting(frame -> frame.info().moves()).containsExactly(1L, 1L, 0L);
        assertThat(kept)
                .extracting(frame -> frame.info().segments().getFirst().address())
                .containsExactly(BASE, BASE + SIZE, BASE + 5 * SIZE);
        assertThat(pool.requests).as("asked once more").hasValue(6 + 2);
    }

    @Test
    void aDryRunCompactsToo() {
        pool.compacting = pool::pack;
        assertThat(bench.exporter.plan(BufferRequest.ofSize(2 * SIZE), List.of("cam")).allocator()).hasValue("pool");
        assertThat(pool.statistics().live()).isEqualTo(3);
    }

    @Test
    void whatIsHeldOrMayNotMoveIsNotOffered() {
        List<IdleStorage> offered = new ArrayList<>();
        pool.compacting = idle -> {
            offered.addAll(idle);
            return List.of();
        };
        try (CpuAccess access = kept.getFirst().beginCpuAccess(CpuMode.READ)) {
            Attachment cam = wanting(2 * SIZE);
            assertThat(Bench.refusal(() -> cam.map(Direction.TO_DEVICE)).reason())
                    .as("%s", access.mode())
                    .isEqualTo(Reason.FRAGMENTED);
        }
        assertThat(offered)
                .extracting(idle -> idle.allocation().segments().getFirst().address())
                .containsExactly(BASE + 3 * SIZE);
    }

    @Test
    void aPlaceThatBreaksALimitOrOverlapsIsRefusedAsAWhole() {
        refuses("it overlaps live storage", idle -> List.of(
                to(idle.get(0), BASE), to(idle.get(1), BASE)));
        refuses("wrong length", idle -> List.of(new Relocation(
                idle.getFirst().allocation(),
                idle.getFirst().allocation().movedTo(List.of(new Segment(BASE, 4096))))));
        refuses("it moved storage that was not offered", idle -> List.of(
                to(idle.get(0), BASE), to(twin(idle.get(1)), BASE + SIZE)));
        assertThat(kept).extracting(frame -> frame.info().moves()).containsExactly(0L, 0L, 0L);
        assertThat(kept)
                .extracting(frame -> frame.info().segments().getFirst().address())
                .containsExactly(BASE + SIZE, BASE + 3 * SIZE, BASE + 5 * SIZE);
    }

    @Test
    void aRequestThatRunsIntoACompactionIsNotTakenForALiar() {
        CountDownLatch packed = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        pool.compacting = idle -> {
            List<Relocation> moves = pool.pack(idle);
            packed.countDown();
            Waiting.on(go);
            return moves;
        };
        Attachment first = wanting(SIZE + 4096);
        Attachment second = wanting(SIZE + 4096);
        CompletableFuture<Mapping> compacts = CompletableFuture.supplyAsync(() -> first.map(Direction.TO_DEVICE));
        Waiting.on(packed);
        CompletableFuture<Mapping> meets = CompletableFuture.supplyAsync(() -> second.map(Direction.TO_DEVICE));
        await().untilAsserted(() -> assertThat(pool.releases)
                .as("its first answer lies where the core still sees the old place, and is given back")
                .hasValue(3 + 1));
        go.countDown();
        assertThat(compacts.join().table().byteSize()).isEqualTo(SIZE + 4096);
        assertThat(meets.join().table().byteSize()).isEqualTo(SIZE + 4096);
    }

    private void refuses(String complaint, Function<List<IdleStorage>, List<Relocation>> lie) {
        pool.compacting = lie;
        Attachment cam = wanting(2 * SIZE);
        assertThat(Bench.refusal(() -> cam.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.FRAGMENTED);
        assertThat(bench.sandbox.warnings().getLast()).contains(complaint);
    }

    private static Relocation to(IdleStorage idle, long address) {
        return new Relocation(
                idle.allocation(), idle.allocation().movedTo(List.of(new Segment(address, SIZE))));
    }

    private static IdleStorage twin(IdleStorage idle) {
        return new IdleStorage(idle.allocation().movedTo(idle.allocation().segments()), 1, idle.devices());
    }

    private Attachment wanting(long byteSize) {
        return bench.buffer(byteSize).attach("cam");
    }
}
