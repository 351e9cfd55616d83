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
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Buffers of {@code -Dsize} bytes whose storage was kept when the one before was released, and is zero again. */
@State(Scope.Thread)
public class RecycleWork {
    private final long size = Input.number("size", Ground.MIB);
    private final Ground ground = Ground.usual();
    private final Exporter one = ground.exporter("one");
    private final Exporter other = ground.exporter("other");
    private final BufferRequest zeroed = Recycled.zeroed(size);
    private int turn;

    /** Creates, attaches, maps, begins an access, touches each page as row 7 does, and gives all back. */
    @Benchmark
    public long firstMap() {
        return live(one, true);
    }

    /** The same without the touch, by two owners in turn: each gets the storage of the other. */
    @Benchmark
    public long acrossOwners() {
        return live((turn & 1) == 0 ? one : other, false);
    }

    private long live(Exporter owner, boolean touching) {
        byte value = (byte) ++turn;
        try (DmaBuf buffer = owner.create(zeroed);
                Attachment attachment = buffer.attach("camera");
                Mapping _ = attachment.map(Direction.FROM_DEVICE);
                CpuAccess access = buffer.beginCpuAccess(CpuMode.READ_WRITE)) {
            MemorySegment segment = access.segment();
            for (long at = 0; touching && at < size; at += Frames.PAGE) {
                segment.set(ValueLayout.JAVA_BYTE, at, value);
            }
            return segment.address();
        }
    }
}
