// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** An access of the CPU to a mapped buffer, and what the JDK itself takes for a segment that dies with its scope. */
@State(Scope.Thread)
public class AccessWork {
    private static final CpuRequest[] REQUESTS = {
        CpuRequest.of(CpuMode.READ_WRITE),
        CpuRequest.of(CpuMode.WRITE),
        CpuRequest.of(CpuMode.READ),
        CpuRequest.of(CpuMode.READ).withRange(4096, 65536)
    };

    private final DmaBuf buffer = Ground.usual().exporter("app").create(BufferRequest.ofSize(Ground.MIB));
    private final MemorySegment memory;
    private int turn;

    /** Maps the buffer, so that there is storage. */
    public AccessWork() {
        buffer.attach("camera").map(Direction.BIDIRECTIONAL);
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ_WRITE)) {
            memory = MemorySegment.ofAddress(access.segment().address());
        }
    }

    /** Begins and ends an access; the segment escapes. */
    @Benchmark
    public MemorySegment access() {
        try (CpuAccess access = buffer.beginCpuAccess(REQUESTS[turn++ & 3])) {
            return access.segment();
        }
    }

    /** Opens and closes a confined arena with a segment that escapes; no range, no mode, no books. */
    @Benchmark
    @SuppressWarnings("restricted")
    public MemorySegment arena() {
        try (Arena arena = Arena.ofConfined()) {
            return memory.reinterpret(Ground.MIB - (turn++ & 3), arena, null);
        }
    }
}
