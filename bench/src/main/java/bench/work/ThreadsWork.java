// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Threads with a buffer each, of one core and one owner: map, begin and end an access, unmap. */
@State(Scope.Thread)
public class ThreadsWork {
    private static final class Shared {
        static final Ground GROUND = Ground.usual();
    }

    private final DmaBuf buffer = Shared.GROUND.exporter("app").create(BufferRequest.ofSize(Ground.MIB));
    private final Attachment camera = buffer.attach("camera");

    /** Storage is there before the first round. */
    private final Mapping kept = camera.map(Direction.BIDIRECTIONAL);

    /** Uses the buffer once. */
    @Benchmark
    public long use() {
        try (Mapping mapping = camera.map(Direction.FROM_DEVICE);
                CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            return access.segment().address() + mapping.table().byteSize() + kept.table().byteSize();
        }
    }
}
