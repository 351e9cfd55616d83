// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.Direction;
import dmabuf.api.SetBuffer;
import dmabuf.api.SetRequest;
import java.time.Duration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A set of four buffers of 1 MiB that a camera fills: acquire and release, by one thread or several. */
@State(Scope.Benchmark)
public class SetWork {
    private final Ground ground = Ground.usual();
    private final BufferSet set =
            ground.exporter("app").createSet(SetRequest.of(BufferRequest.ofSize(Ground.MIB), 4));

    /** Prepares the set: every buffer has its storage, mapped for the camera. */
    public SetWork() {
        set.attach("camera", Direction.FROM_DEVICE);
        set.prepare();
    }

    /** Takes a buffer and gives it back. */
    @Benchmark
    public int acquire() {
        try (SetBuffer buffer = set.acquire(Duration.ZERO)) {
            return buffer.index();
        }
    }
}
