// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import java.util.ArrayList;
import java.util.List;

/**
 * The share of a pool of 64 MiB that is live when a request is refused although its size is free, or when no frame fits any
 * more, as {@code pool_share.c} has it, the mean of many seeds: through the exporter, with buffers that are mapped, so that
 * nothing can move, or with {@code -Dmovable=true} idle ones.
 */
final class PoolShare implements Gauge {
    private static final long POOL = 64 * Ground.MIB;
    private static final int LONGEST = 67;
    private static final long SMALLEST = 16 * Frames.PAGE;

    private final int seeds = Input.seeds();
    private final boolean movable = Boolean.getBoolean("movable");
    private final Exporter exporter;
    private long seed = 1;

    private record Live(DmaBuf buffer, Attachment camera, Mapping mapping, long byteSize, int until) {
        void close() {
            mapping.close();
            camera.close();
            buffer.close();
        }
    }

    private PoolShare() {
        Ground ground = Ground.empty();
        ground.pool("pool", 1, 0x4000_0000L, POOL);
        ground.device("camera", "maxSegments=1");
        exporter = ground.exporter("app");
    }

    public static void main(String[] words) throws Exception {
        Gauge.serve(new PoolShare());
    }

    @Override
    public double round() {
        double sum = 0;
        for (int i = 0; i < seeds; i++) {
            sum += share(new Draw(seed++ * 0x9E3779B97F4A7C15L));
        }
        return sum / seeds;
    }

    private double share(Draw draw) {
        List<Live> live = new ArrayList<>();
        long used = 0;
        try {
            for (int step = 0; ; step++) {
                used -= expire(live, step);
                if (POOL - used < SMALLEST) {
                    return (double) used / POOL;
                }
                Live next = open(draw.frame(POOL - used), step, draw);
                live.add(next);
                used += next.byteSize;
            }
        } catch (DmaBufException _) {
            return (double) used / POOL;
        } finally {
            expire(live, Integer.MAX_VALUE);
        }
    }

    private static long expire(List<Live> live, int step) {
        long freed = 0;
        for (Live each : List.copyOf(live)) {
            if (each.until <= step) {
                each.close();
                live.remove(each);
                freed += each.byteSize;
            }
        }
        return freed;
    }

    private Live open(long byteSize, int step, Draw draw) {
        DmaBuf buffer = exporter.create(BufferRequest.ofSize(byteSize));
        Attachment camera = buffer.attach("camera");
        try {
            Mapping mapping = camera.map(Direction.FROM_DEVICE);
            if (movable) {
                mapping.close();
            }
            return new Live(buffer, camera, mapping, byteSize, step + 1 + draw.below(LONGEST));
        } catch (DmaBufException e) {
            camera.close();
            buffer.close();
            throw e;
        }
    }

    /** The same random numbers as in C. */
    private static final class Draw {
        private long state;

        Draw(long seed) {
            state = seed;
        }

        int below(int bound) {
            state ^= state >>> 12;
            state ^= state << 25;
            state ^= state >>> 27;
            long drawn = state * 0x2545F4914F6CDD1DL;
            return (int) ((drawn >>> 8 & 0xff_ffff) % bound);
        }

        long frame(long atMost) {
            long byteSize;
            do {
                byteSize = Frames.BYTES.get(below(Frames.BYTES.size()));
            } while (byteSize > atMost);
            return byteSize;
        }
    }
}
