// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.CpuMode;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.linux.BenchMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the memory service does with memory: {@code -Dsize} bytes of it. */
@State(Scope.Thread)
public class MemoryWork {
    private final long size = Input.number("size", Ground.MIB);
    private final MemoryService service = BenchMemory.open();
    private int turn;

    /** Memory that is resident. */
    @State(Scope.Thread)
    public static class Resident {
        private final MemoryService service = BenchMemory.open();
        private final Memory memory = service.memfd(Input.number("size", Ground.MIB), "bench");
        private final MemorySegment view = memory.view(0, memory.byteSize(), CpuMode.READ_WRITE, Arena.ofShared());
    }

    /** Zeroes memory, and touches each page, so that it is resident before and after. */
    @Benchmark
    public void zero(Resident resident) {
        resident.service.zero(resident.memory);
        touch(resident.view, (byte) ++turn);
    }

    /** Makes memory, maps it, touches each page, and gives it back. */
    @Benchmark
    public long fresh() {
        byte value = (byte) turn++;
        try (Memory memory = service.memfd(size, "bench");
                Arena arena = Arena.ofConfined()) {
            MemorySegment view = memory.view(0, size, CpuMode.READ_WRITE, arena);
            touch(view, value);
            return view.address();
        }
    }

    private static void touch(MemorySegment view, byte value) {
        for (long at = 0; at < view.byteSize(); at += Frames.PAGE) {
            view.set(ValueLayout.JAVA_BYTE, at, value);
        }
    }
}
