// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.core.BenchCore;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The whole life of a buffer of 1 MiB on recycled storage of the same owner: create, attach three devices, map, begin and
 * end an access, unmap, detach, free. Which device maps, in what direction and mode changes each time. Around it
 * {@code -Dpools}, {@code -Ddevices} and {@code -Dlive} other buffers, and {@code -Dobserved} says who looks on.
 */
@State(Scope.Benchmark)
public class CycleWork {
    private static final Direction[] DIRECTIONS = Direction.values();
    private static final CpuMode[] MODES = CpuMode.values();

    private final Exporter exporter;
    private final List<DmaBuf> others = new ArrayList<>();
    private final BufferRequest request = Recycled.uncleared(Ground.MIB);

    /** What changes from one cycle to the next, for each thread. */
    @State(Scope.Thread)
    public static class Turn {
        private int turn;
        private long heard;

        int next() {
            return turn++ & 0x7fff_ffff;
        }
    }

    /** Makes what is around it. */
    public CycleWork() {
        Ground ground = ground();
        exporter = ground.exporter("app");
        for (int i = 0; i < Input.count("live", 0); i++) {
            DmaBuf other = exporter.create(BufferRequest.ofSize(Ground.MIB));
            others.add(other);
            if (other.attach(Ground.DEVICES).size() != 3) {
                throw new AssertionError("not three devices");
            }
        }
    }

    private static Ground ground() {
        return switch (Input.text("observed", "as-by-default")) {
            case "no" -> Ground.unobserved();
            case "yes" -> {
                Ground ground = Ground.usual();
                Turn listener = new Turn();
                BenchCore.listen(ground.sandbox, _ -> listener.heard++);
                yield ground;
            }
            default -> Ground.of(Input.count("pools", 8), Input.count("devices", 3));
        };
    }

    /** Lives it once. */
    @Benchmark
    public long cycle(Turn turn) {
        return live(exporter, request, turn.next());
    }

    private static long live(Exporter exporter, BufferRequest request, int turn) {
        long seen;
        try (DmaBuf buffer = exporter.create(request)) {
            List<Attachment> attached = buffer.attach(Ground.DEVICES);
            try (Mapping mapping = attached.get(turn % 3).map(DIRECTIONS[turn % DIRECTIONS.length]);
                    CpuAccess access = buffer.beginCpuAccess(MODES[turn % MODES.length])) {
                seen = access.segment().address() + mapping.table().contiguousAddress().orElse(0);
            }
            for (int i = 0; i < 3; i++) {
                attached.get(i).close();
            }
        }
        return seen;
    }
}
