// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.IdleStorage;
import doubles.CoreDouble;
import doubles.RequestDouble;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * How full a pool of 64 MiB becomes with frames of random lives, each of which fits by its size, until one is refused. Best fit
 * comes to 0.90, first fit to 0.86.
 */
class FillTest {
    private static final long POOL = 64 << 20;
    private static final List<Long> FRAMES = List.of(64L << 10, 256L << 10, 338L << 12, 760L << 12, 3038L << 12);
    private static final int LONGEST = 67;

    private final CoreDouble core = new CoreDouble();
    private final ContigAllocator pool = new ContigAllocator(AddressRange.ofSize(0x40000000L, POOL), Optional.empty(), Placing.FRAMES);
    private final List<Frame> live = new ArrayList<>();

    private record Frame(Allocation storage, int until) {}

    @Test
    void withNothingMovable() {
        assertThat(share(400, false)).isGreaterThan(0.92);
    }

    @Test
    void withIdleStorageMovable() {
        assertThat(share(40, true)).isGreaterThan(0.995);
    }

    private double share(int seeds, boolean movable) {
        double sum = 0;
        for (int seed = 0; seed < seeds; seed++) {
            fill(new Random(seed * 7919L + 12345), movable);
            sum += (double) pool.statistics().used() / POOL;
            live.forEach(frame -> core.release(pool, frame.storage));
            live.clear();
        }
        return sum / seeds;
    }

    private void fill(Random random, boolean movable) {
        try {
            for (int step = 0; pool.statistics().free() >= FRAMES.getFirst(); step++) {
                expire(step);
                long free = pool.statistics().free();
                List<Long> fitting = FRAMES.stream().filter(size -> size <= free).toList();
                RequestDouble request = RequestDouble.ofSize(fitting.get(random.nextInt(fitting.size()))).direct("maxSegments=1");
                live.add(new Frame(allocate(request, movable), step + 1 + random.nextInt(LONGEST)));
            }
        } catch (DmaBufException e) {
            assertThat(e).hasMessageContaining("no place in a block");
        }
    }

    private void expire(int step) {
        live.removeIf(frame -> {
            boolean over = frame.until <= step;
            if (over) {
                core.release(pool, frame.storage);
            }
            return over;
        });
    }

    private Allocation allocate(RequestDouble request, boolean movable) {
        try {
            return core.allocate(pool, request);
        } catch (DmaBufException e) {
            if (!movable) {
                throw e;
            }
            compact(request);
            return core.allocate(pool, request);
        }
    }

    private void compact(RequestDouble like) {
        List<IdleStorage> idle = live.stream()
                .map(frame -> new IdleStorage(frame.storage, 1, like.devices()))
                .sorted(Comparator.comparing(one -> one.allocation().segments().getFirst().address()))
                .toList();
        Map<Allocation, Allocation> moves = core.compact(pool, idle);
        live.replaceAll(frame -> new Frame(moves.getOrDefault(frame.storage, frame.storage), frame.until));
    }
}
