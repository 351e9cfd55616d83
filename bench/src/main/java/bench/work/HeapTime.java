// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.CpuMode;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.linux.BenchMemory;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/** A dma-buf of 1 MiB from the system heap: allocated, mapped, begun and ended an access, freed. {@code memory.c} does the same. */
final class HeapTime implements Gauge {
    private static final Path NODE = Path.of("/dev/dma_heap/system");

    private static final long NANOS_A_CYCLE = 10_000_000;

    private final MemoryService service = BenchMemory.open();
    private final MemorySource source = MemorySource.parse("heap:system");

    public static void main(String[] words) throws Exception {
        if (!Files.isWritable(NODE)) {
            Gauge.skip(NODE + " is not there or may not be opened: see ./gateway doctor");
            return;
        }
        HeapTime gauge = new HeapTime();
        gauge.warmUp();
        Gauge.serve(gauge);
    }

    /** For a while, and for so many cycles that an emulated processor, too, has compiled them by then. */
    private void warmUp() {
        long least = Input.warmNanos();
        long began = System.nanoTime();
        for (long done = 0; done < least / NANOS_A_CYCLE || System.nanoTime() - began < least; done++) {
            cycle();
        }
    }

    @Override
    public double round() {
        long least = Input.roundNanos();
        long began = System.nanoTime();
        long passed;
        long done = 0;
        do {
            done += cycle() == 0 ? 0 : 1;
            passed = System.nanoTime() - began;
        } while (passed < least);
        return (double) passed / done;
    }

    private long cycle() {
        try (Memory memory = service.allocate(source, Ground.MIB, "bench");
                Arena arena = Arena.ofConfined()) {
            long address = memory.view(0, Ground.MIB, CpuMode.READ_WRITE, arena).address();
            memory.beginCpuAccess(CpuMode.READ_WRITE);
            memory.endCpuAccess(CpuMode.READ_WRITE);
            return address;
        }
    }
}
