// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.LatePolicy;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.SetRequest;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.CompactionRequest;
import dmabuf.api.spi.IdleStorage;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
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
    void storageMovesForASetToo() {
        pool.compacting = pool::pack;
        try (BufferSet set = bench.exporter.createSet(SetRequest.of(BufferRequest.ofSize(2 * SIZE), 1))) {
            set.attach("cam", Direction.TO_DEVICE);
            set.prepare();
            assertThat(kept).extracting(frame -> frame.info().moves()).containsExactly(1L, 1L, 0L);
        }
    }

    @Test
    void whatIsHeldOrMayNotMoveIsNotOffered() {
        List<IdleStorage> offered = new ArrayList<>();
        pool.compacting = request -> offered.addAll(request.idle());
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
    void storageThatMayNotGoWhereItIsPutStaysWhereItIs() {
        AtomicReference<Optional<Allocation>> answer = new AtomicReference<>(Optional.empty());
        refuses(request -> answer.set(move(request, 0, BASE + 3 * SIZE)));
        assertThat(answer.get()).as("a place that is taken").isEmpty();
        assertThat(bench.sandbox.warnings()).as("which it was free to ask for").isEmpty();
        lies("wrong length", request -> answer.set(
                request.move(request.idle().getFirst().allocation(), List.of(new Segment(BASE, 4096)))));
        lies("it moved storage that was not offered", request -> {
            Allocation offered = request.idle().getFirst().allocation();
            answer.set(request.move(offered.movedTo(offered.segments()), List.of(new Segment(BASE, SIZE))));
        });
        assertThat(answer.get()).isEmpty();
        assertThat(kept).extracting(frame -> frame.info().moves()).containsExactly(0L, 0L, 0L);
        assertThat(places()).containsExactly(BASE + SIZE, BASE + 3 * SIZE, BASE + 5 * SIZE);
    }

    @Test
    void aMoveIsFinalHoweverTheCompactionEnds() {
        pool.compacting = request -> {
            pool.pack(request);
            throw new IllegalStateException("thrown on purpose");
        };
        assertThat(wanting(2 * SIZE).map(Direction.TO_DEVICE).table().contiguousAddress()).hasValue(BASE + 2 * SIZE);
        assertThat(places()).containsExactly(BASE, BASE + SIZE, BASE + 5 * SIZE);
    }

    @Test
    void storageMovesTwiceByTheNameItGotAndComesBackUnderTheLast() {
        List<Allocation> names = new ArrayList<>();
        pool.compacting = request -> {
            names.add(request.idle().getFirst().allocation());
            names.add(request.move(names.get(0), List.of(new Segment(BASE + 2 * SIZE, SIZE))).orElseThrow());
            names.add(request.move(names.get(1), List.of(new Segment(BASE, SIZE))).orElseThrow());
            assertThat(request.move(names.get(0), List.of(new Segment(BASE, SIZE)))).as("its old name").isEmpty();
            pool.free(names.get(0).segments().getFirst());
        };
        bench.exporter.plan(BufferRequest.ofSize(2 * SIZE), List.of("cam"));
        assertThat(kept.getFirst().info().moves()).isEqualTo(1);
        assertThat(kept.getFirst().info().segments()).isEqualTo(names.getLast().segments());
    }

    @Test
    void noRequestSeesAPlaceThatTheCoreDoesNotKnowAbout() {
        CountDownLatch packed = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        pool.compacting = request -> {
            pool.pack(request);
            packed.countDown();
            Waiting.on(go);
        };
        Attachment first = wanting(SIZE + 4096);
        CompletableFuture<Mapping> compacts = CompletableFuture.supplyAsync(() -> first.map(Direction.TO_DEVICE));
        Waiting.on(packed);
        assertThat(wanting(SIZE + 4096).map(Direction.TO_DEVICE).table().contiguousAddress())
                .as("while the compaction is not over")
                .hasValue(BASE + 2 * SIZE);
        assertThat(pool.releases).as("nothing was taken for a lie").hasValue(3);
        go.countDown();
        assertThat(compacts.join().table().contiguousAddress()).hasValue(BASE + 3 * SIZE + 4096);
    }

    @Test
    void aCompactionThatComesTooLateChangesNothing() {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch packed = new CountDownLatch(1);
        pool.compacting = request -> {
            Waiting.on(over);
            pool.pack(request);
            packed.countDown();
        };
        bench.sandbox.core().configure(new Settings(Duration.ofMillis(100), Duration.ofSeconds(60), OptionalLong.empty()));
        Attachment large = wanting(2 * SIZE);
        assertThat(Bench.refusal(() -> large.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.FRAGMENTED);
        bench.sandbox.core().configure(Settings.DEFAULT);
        over.countDown();
        Waiting.on(packed);
        pool.compacting = _ -> {};
        for (int i = 0; i < 3; i++) {
            assertThat(wanting(SIZE).map(Direction.TO_DEVICE).table().contiguousAddress()).hasValue(BASE + 2L * i * SIZE);
        }
    }

    private void lies(String complaint, Consumer<CompactionRequest> lie) {
        refuses(lie);
        assertThat(bench.sandbox.warnings().getLast()).contains(complaint);
    }

    private void refuses(Consumer<CompactionRequest> compaction) {
        pool.compacting = compaction;
        Attachment cam = wanting(2 * SIZE);
        assertThat(Bench.refusal(() -> cam.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.FRAGMENTED);
    }

    private static Optional<Allocation> move(CompactionRequest request, int which, long address) {
        return request.move(request.idle().get(which).allocation(), List.of(new Segment(address, SIZE)));
    }

    private List<Long> places() {
        return kept.stream().map(frame -> frame.info().segments().getFirst().address()).toList();
    }

    private Attachment wanting(long byteSize) {
        return bench.buffer(byteSize).attach("cam");
    }
}
