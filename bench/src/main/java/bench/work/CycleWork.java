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
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The whole life of a buffer of 1 MiB on recycled storage of the same owner: create, attach three devices, map, begin and
 * end an access, unmap, detach, free. Which device maps, in what direction and mode changes each time.
 */
@State(Scope.Benchmark)
public class CycleWork {
    private static final Direction[] DIRECTIONS = Direction.values();
    private static final CpuMode[] MODES = CpuMode.values();

    private final Exporter exporter = Ground.usual().exporter("app");
    private final BufferRequest request = BufferRequest.ofSize(Ground.MIB);

    /** What changes from one cycle to the next, for each thread. */
    @State(Scope.Thread)
    public static class Turn {
        private int turn;

        int next() {
            return turn++ & 0x7fff_ffff;
        }
    }

    /** Lives it once. */
    @Benchmark
    public long cycle(Turn turn) {
        return live(exporter, request, turn.next());
    }

    static long live(Exporter exporter, BufferRequest request, int turn) {
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
