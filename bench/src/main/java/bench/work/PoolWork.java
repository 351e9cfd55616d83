// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SegmentLimits;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The contiguous pool alone, {@code -Dmegabytes} of it, half full: one frame out, one in, each time another slot and another
 * size, as {@code pool_cost.c} does. The memory behind a place is made before, so that places are all that is measured.
 */
@State(Scope.Thread)
public class PoolWork {
    private static final long MEAN_PAGES = 843;

    private final Ground ground = Ground.empty();
    private final Allocator pool;
    private final Request[] requests;
    private final @Nullable Allocation[] slots;
    private long seed = 42;

    /** Makes the pool, and the requests, one for each frame size. */
    public PoolWork() {
        long bytes = Input.number("megabytes", 64) * Ground.MIB;
        pool = ground.allocator(0x4000_0000L, bytes);
        slots = new Allocation[(int) (bytes / Frames.PAGE / 2 / MEAN_PAGES)];
        requests = Frames.BYTES.stream()
                .map(size -> new Request(size, ground.memory.memfd(size, "bench")))
                .toArray(Request[]::new);
    }

    /** One out, one in. */
    @Benchmark
    public @Nullable Object exchange() {
        long random = random();
        int at = (int) ((random >>> 32) % slots.length);
        Allocation out = slots[at];
        if (out != null) {
            pool.release(out);
        }
        Allocation in = allocated(requests[(int) ((random >>> 8 & 0xff_ffff) % requests.length)]);
        slots[at] = in;
        return in;
    }

    private @Nullable Allocation allocated(Request request) {
        try {
            return pool.allocate(request);
        } catch (DmaBufException _) {
            return null;
        }
    }

    private long random() {
        seed ^= seed >>> 12;
        seed ^= seed << 25;
        seed ^= seed >>> 27;
        return seed * 0x2545F4914F6CDD1DL;
    }

    /** What the core would ask for one device that takes one piece; the same object for each frame of a size. */
    private static final class Request implements AllocationRequest {
        private static final Participant CAMERA = new Participant("camera", DmaPath.parse("maxSegments=1"));
        private static final DmaConstraints CONSTRAINTS = CAMERA.path().constraints();

        private final long byteSize;
        private final Memory memory;
        private final List<Participant> devices = List.of(CAMERA);
        private final List<SegmentLimits> limits = List.of(SegmentLimits.of(CONSTRAINTS));

        Request(long byteSize, Memory memory) {
            this.byteSize = byteSize;
            this.memory = memory;
        }

        @Override
        public long byteSize() {
            return byteSize;
        }

        @Override
        public long storageSize() {
            return byteSize;
        }

        @Override
        public long pageSize() {
            return Frames.PAGE;
        }

        @Override
        public long alignment() {
            return 1;
        }

        @Override
        public Set<String> flags() {
            return Set.of();
        }

        @Override
        public String name() {
            return "bench";
        }

        @Override
        public List<Participant> devices() {
            return devices;
        }

        @Override
        public DmaConstraints constraints() {
            return CONSTRAINTS;
        }

        @Override
        public List<SegmentLimits> limits() {
            return limits;
        }

        @Override
        public Memory memory(long size) {
            return memory;
        }

        @Override
        public Memory memory(MemorySource source, long size) {
            return memory;
        }

        @Override
        public boolean claim(AddressRange addresses) {
            return true;
        }
    }
}
