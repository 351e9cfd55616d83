// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.Attachment;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Storage of {@code -Dsize} bytes that moves because a device attaches late, and back when that has left. */
@State(Scope.Thread)
public class MoveWork {
    private final long size = Input.number("size", 8 * Ground.MIB);
    private final DmaBuf buffer;
    private byte value;

    /** Fills a buffer in the higher of two pools, which the late device does not reach. */
    public MoveWork() {
        Ground ground = Ground.empty();
        ground.pool("high", 9, 0x1_0000_0000L, 4 * size);
        ground.pool("low", 1, 0x1000_0000L, 4 * size);
        ground.device("wide", "maxSegments=1");
        ground.device("narrow", "maxSegments=1 range=0x0..0xffffffff");
        buffer = ground.exporter("app").create(Recycled.uncleared(size));
        Attachment wide = buffer.attach("wide");
        try (Mapping _ = wide.map(Direction.BIDIRECTIONAL);
                CpuAccess access = buffer.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill((byte) 1);
        }
        check("high");
    }

    private void check(String allocator) {
        if (!buffer.info().allocator().equals(Optional.of(allocator))) {
            throw new AssertionError("the storage is not in " + allocator + ": " + buffer.info());
        }
    }

    /** Two moves: there, and back. */
    @Benchmark
    @OperationsPerInvocation(2)
    public byte move() {
        try (Attachment _ = buffer.attach("narrow")) {
            value++;
        }
        buffer.move();
        return value;
    }
}
