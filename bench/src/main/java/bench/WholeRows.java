// SPDX-License-Identifier: Apache-2.0
package bench;

import bench.Line.Reach;
import java.nio.file.Path;

/** The rows about the whole: how it grows, what it holds, how it stands changes, and how it starts. */
final class WholeRows {
    private static final long MIB = 1L << 20;

    private WholeRows() {}

    /** A million live buffers have half a GiB of heap; with what they are compared has the same heap. */
    static Row growth() {
        Side base = Side.jmh("8 allocators, 3 devices", "CycleWork.cycle");
        Side few = Side.jmh("1 thousand live", "CycleWork.cycle").with("live", 1_000).flag("-Xms2g").flag("-Xmx2g");
        return Row.of(
                        "11", "growth", "ns",
                        "the cycle of row 3 beside live buffers with 3 attachments each, more allocators, more devices",
                        grown("cycle beside 100 thousand live buffers", few.with("live", 100_000), few),
                        grown("cycle beside 1 million live buffers", few.with("live", 1_000_000), few),
                        grown("cycle with 64 allocators", base.with("pools", 64), base),
                        grown("cycle with 512 allocators", base.with("pools", 512), base),
                        grown("cycle with 30 devices", base.with("devices", 30), base),
                        grown("cycle with 300 devices", base.with("devices", 300), base))
                .slow();
    }

    private static Line grown(String work, Side large, Side small) {
        return Line.of(work, large.called(work), small, Reach.atMost(1.3));
    }

    static Row heap() {
        return Row.of(
                "12", "heap", "bytes",
                "the growth of the heap by 20,000 of them, whose handles are kept",
                Line.value("heap of a live, unmapped buffer with 3 attachments", Side.gauge("heap", "HeapBytes"), Reach.atMost(512)));
    }

    static Row threads() {
        return Row.of(
                "13", "threads", "ns a thread",
                "each thread has a buffer of its own; throughput of two threads in that of one; the limit is the number of processors",
                threads("map, access, unmap: 2 threads against 1", "ThreadsWork.use"),
                threads("whole cycle: 2 threads against 1", "CycleWork.cycle"));
    }

    private static Line threads(String work, String method) {
        Side one = Side.jmh("1 thread", method);
        return new Line(work, one.called("2 threads").threads(2), one, Line.Measure.THROUGHPUT, Reach.atLeast(1.9));
    }

    static Row swap() {
        return Row.of(
                        "14", "swap", "",
                        "two threads create, attach, map and free; p99.9 of map in the second around the swap in that of a quiet second;"
                                + " a map that fails fails the row",
                        Line.value("allocator replaced under full load: p99.9 of map", Side.gauge("swap", "SwapTail"), Reach.atMost(5)))
                .slow();
    }

    static Row observation() {
        return Row.of(
                "15", "observation", "ns",
                "the cycle of row 3 with a listener to the usual events and the leak level simple; against none and off",
                Line.of(
                        "observation switched on",
                        Side.jmh("observed", "CycleWork.cycle").with("observed", "yes"),
                        Side.jmh("unobserved", "CycleWork.cycle").with("observed", "no"),
                        Reach.atMost(1.05)));
    }

    static Row systemHeap() {
        return Row.of(
                        "16", "heap-system", "ns",
                        "both: allocate from /dev/dma_heap/system, mmap, DMA_BUF_IOCTL_SYNC begin and end, munmap, close; the limit is the kernel's"
                                + " zeroing; a machine without that node measures both in a guest of the lab (QEMU, emulated where KVM"
                                + " is not there)",
                        Line.of(
                                "1 MiB from the real system heap",
                                Side.gauge("system heap", "HeapTime"),
                                Side.c("system heap in C", "memory", "heap", Long.toString(MIB)),
                                Reach.atMost(1.10)))
                .needing("/dev/dma_heap/system");
    }

    static Row start() {
        Side time = Side.gauge("gateway", "StartTime");
        return Row.of(
                        "17", "start", "ms",
                        "ours: from the process to the first buffer that is mapped and filled, without a terminal; against: Felix with the"
                                + " same bundles but ours, until the last is started; both with a bundle cache from before",
                        Line.of("gateway start", time, time.with("bare", true).called("bare Felix"), Reach.atMost(1.15)))
                .slow();
    }

    static Row startMemory() {
        Side memory = Side.gauge("gateway", "StartTime").with("what", "resident");
        return Row.of(
                        "17", "start-memory", "MiB",
                        "what the virtual machine of each side has resident when it has come to what row start waits for",
                        Line.of(
                                "resident memory after the start",
                                memory, memory.with("bare", true).called("bare Felix"), Reach.atMost(1.15)))
                .slow();
    }

    static Row files() {
        return Row.of(
                        "18", "files", "ns a file",
                        "the commands board and scenario over so many files, in a gateway that has done some before, its start not"
                                + " counted; more files must not make each of them dearer",
                        files("1,023 device trees against 128", trees(1023), trees(128)),
                        files("480 scenario files against 60", scenarios(480), scenarios(60)))
                .slow();
    }

    private static Line files(String work, Side many, Side few) {
        return Line.of(work, many, few, Reach.atMost(1.1));
    }

    private static Side trees(int count) {
        String folder = System.getenv().getOrDefault("BENCH_TREES", Pace.root().resolve("../shared/boards").normalize().toString());
        return Side.gauge(count + " trees", "GatewayTime")
                .with("command", "board").with("files", folder).with("suffix", ".dtb").with("warm", 384).with("count", count);
    }

    /** Of cases that wait for nothing. */
    private static Side scenarios(int count) {
        Path folder = Pace.root().resolve("dmabuf.shell/src/main/resources/scenarios");
        return Side.gauge(count + " scenarios", "GatewayTime")
                .with("command", "scenario").with("files", folder).with("suffix", "subdevices.scn").with("warm", 60)
                .with("count", count);
    }
}
