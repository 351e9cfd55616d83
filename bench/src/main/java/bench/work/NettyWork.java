// SPDX-License-Identifier: Apache-2.0
package bench.work;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Netty's allocators: a direct buffer of 1 MiB, allocated and released. It is not zeroed, and nobody negotiates. One buffer is
 * kept, or the pool would be empty each time and give its memory back to the system.
 */
@State(Scope.Thread)
public class NettyWork {
    private final ByteBufAllocator pooled = new PooledByteBufAllocator(true);
    private final ByteBufAllocator adaptive = new AdaptiveByteBufAllocator(true);
    private @Nullable ByteBuf kept;

    /** From the pooled allocator. */
    @Benchmark
    public long pooled() {
        return cycle(pooled);
    }

    /** From the adaptive allocator, Netty 4.2's default. */
    @Benchmark
    public long adaptive() {
        return cycle(adaptive);
    }

    private long cycle(ByteBufAllocator allocator) {
        if (kept == null) {
            kept = allocator.directBuffer(1 << 20); // by the thread that measures: pools are by thread
        }
        ByteBuf buffer = allocator.directBuffer(1 << 20);
        long seen = buffer.capacity();
        buffer.release();
        return seen;
    }
}
