// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.IdleStorage;
import dmabuf.api.spi.Participant;
import doubles.CompactionDouble;
import doubles.CoreDouble;
import doubles.RequestDouble;
import doubles.Verification;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CompactionTest {
    private static final long K = 1 << 10;
    private static final long M = 1 << 20;
    private static final long BASE = 0x40000000L;

    private final CoreDouble core = new CoreDouble();
    private final ContigAllocator pool = pool(4 * M);
    private final Map<Allocation, RequestDouble> requests = new HashMap<>();

    private static ContigAllocator pool(long size) {
        return new ContigAllocator(AddressRange.ofSize(BASE, size), Optional.empty(), Placing.LOWEST);
    }

    private Allocation allocate(RequestDouble request) {
        Allocation storage = core.allocate(pool, request);
        requests.put(storage, request);
        return storage;
    }

    private IdleStorage idle(Allocation storage) {
        RequestDouble request = requests.get(storage);
        return new IdleStorage(storage, request.alignment(), request.devices());
    }

    @Test
    void idleStorageSlidesDownAndARequestThatFailedFits() {
        Allocation first = allocate(RequestDouble.ofSize(M));
        Allocation second = allocate(RequestDouble.ofSize(M));
        Allocation third = allocate(RequestDouble.ofSize(M));
        Allocation fourth = allocate(RequestDouble.ofSize(M));
        core.release(pool, first);
        core.release(pool, third);
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> core.allocate(pool, RequestDouble.ofSize(2 * M)));
        assertThat(pool.statistics().failedByFragmentation()).isEqualTo(1);

        Map<Allocation, Allocation> moves = core.compact(pool, List.of(idle(second), idle(fourth)));
        assertThat(moves.keySet()).containsExactly(second, fourth);
        assertThat(moves.values())
                .extracting(moved -> moved.segments().getFirst())
                .containsExactly(new Segment(BASE, M), new Segment(BASE + M, M));

        assertThat(core.allocate(pool, RequestDouble.ofSize(2 * M)).segments())
                .containsExactly(new Segment(BASE + 2 * M, 2 * M));
        assertThat(pool.statistics()).isEqualTo(new AllocatorStatistics(3, 4 * M, 0, 0, 4 * M, 0, 0));
        moves.values().forEach(moved -> core.release(pool, moved));
        assertThat(pool.statistics().largestFree()).isEqualTo(2 * M);
    }

    @Test
    void whatDoesNotMoveIsNotReported() {
        Allocation first = allocate(RequestDouble.ofSize(M));
        Allocation gap = allocate(RequestDouble.ofSize(M));
        Allocation third = allocate(RequestDouble.ofSize(M));
        core.release(pool, gap);
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> core.allocate(pool, RequestDouble.ofSize(2 * M + 1).align(8 * M)));
        assertThat(core.compact(pool, List.of(idle(first)))).isEmpty();
        assertThat(pool.statistics().failedByFragmentation()).isZero();
        assertThat(core.compact(pool, List.of(idle(first), idle(third)))).hasSize(1);
    }

    @Test
    void theRequestHasFailedWhenNothingHelps() {
        Allocation below = allocate(RequestDouble.ofSize(M));
        Allocation held = allocate(RequestDouble.ofSize(M));
        core.release(pool, below);
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> core.allocate(pool, RequestDouble.ofSize(3 * M)));
        assertThat(core.compact(pool, List.of())).isEmpty();
        assertThat(pool.statistics().failed()).isEqualTo(1);
        assertThat(pool.statistics().failedByFragmentation()).isEqualTo(1);
        core.release(pool, held);
    }

    @Test
    void aNewPlaceSuitsTheDevicesOfToday() {
        Allocation gap = allocate(RequestDouble.ofSize(4 * K));
        Allocation storage = allocate(RequestDouble.ofSize(64 * K));
        core.release(pool, gap);
        DmaConstraints strict = DmaConstraints.parse("align=4K boundary=64K maxSegments=1");
        List<IdleStorage> nowStrict =
                List.of(new IdleStorage(storage, 1, List.of(new Participant("late", DmaPath.of(strict)))));
        assertThat(core.compact(pool, nowStrict).values()).singleElement().satisfies(moved -> assertThat(moved.segments())
                .containsExactly(new Segment(BASE, 64 * K)));
    }

    @Test
    void storageThatIsNotOutIsPassedOver() {
        Allocation storage = allocate(RequestDouble.ofSize(M));
        IdleStorage gone = idle(storage);
        core.release(pool, storage);
        assertThat(core.compact(pool, List.of(gone))).isEmpty();
    }

    @Test
    void storageThatIsNotGrantedItsPlaceStaysInTheBooksWhereItIs() {
        Allocation gap = allocate(RequestDouble.ofSize(M));
        Allocation storage = allocate(RequestDouble.ofSize(M));
        core.release(pool, gap);
        AllocatorStatistics before = pool.statistics();
        pool.compact(new CompactionDouble(List.of(idle(storage)), Allocation::movedTo).end());
        assertThat(pool.statistics()).isEqualTo(before);
        assertThat(core.allocate(pool, RequestDouble.ofSize(M)).segments()).containsExactly(new Segment(BASE, M));
        assertThat(core.allocate(pool, RequestDouble.ofSize(2 * M)).segments())
                .containsExactly(new Segment(BASE + 2 * M, 2 * M));
    }

    /** Random holes, some storage idle and some not: every new place is lower, valid, and nobody overlaps. */
    @Test
    void everyNewPlaceIsLowerAndValid() {
        Random random = new Random(9);
        int moved = 0;
        for (int round = 0; round < 200; round++) {
            ContigAllocator small = pool(256 * K);
            CoreDouble alone = new CoreDouble();
            Map<Allocation, RequestDouble> live = new HashMap<>();
            for (int i = 0; i < 20; i++) {
                RequestDouble request = RandomRequests.next(random);
                try {
                    live.put(alone.allocate(small, request), request);
                } catch (DmaBufException e) {
                    drop(live, alone, small);
                }
            }
            drop(live, alone, small);
            List<IdleStorage> idle = new ArrayList<>();
            live.forEach((storage, request) -> {
                if (random.nextInt(4) > 0) {
                    idle.add(new IdleStorage(storage, request.alignment(), request.devices()));
                }
            });
            idle.sort(Comparator.comparing(one -> one.allocation().segments().getFirst().address()));
            Map<Allocation, Allocation> moves = alone.compact(small, idle);
            moved += moves.size();
            moves.forEach((from, to) -> {
                Verification.verify(to, live.get(from));
                assertThat(to.segments().getFirst().address())
                        .isLessThan(from.segments().getFirst().address());
                live.put(to, live.remove(from));
            });
            live.keySet().forEach(storage -> alone.release(small, storage));
            assertThat(small.statistics().largestFree()).isEqualTo(256 * K);
        }
        assertThat(moved).isGreaterThan(80);
    }

    private static void drop(Map<Allocation, RequestDouble> live, CoreDouble alone, ContigAllocator small) {
        List<Allocation> all = new ArrayList<>(live.keySet());
        all.sort(Comparator.comparing(Allocation::cookie));
        for (int i = 0; i < all.size(); i += 2) {
            alone.release(small, all.get(i));
            live.remove(all.get(i));
        }
    }
}
