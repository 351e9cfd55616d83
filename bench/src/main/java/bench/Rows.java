// SPDX-License-Identifier: Apache-2.0
package bench;

import bench.Line.Reach;
import java.nio.file.Path;
import java.util.List;

/** The table: what is measured, against what, and what it should come to. */
final class Rows {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;

    private Rows() {}

    static List<Row> all() {
        return List.of(
                set(), sharedSet(), cycle(), negotiation(), access(), zero(), move(), fresh(), warm(), pool(), share(), growth(),
                heap(), threads(), swap(), observation(), start(), files());
    }

    private static Row set() {
        return Row.of(
                "1", "set", "ns",
                "both take a buffer of 1 MiB out of four and give it back, nothing is zeroed; the limit is a few compare-and-swaps",
                Line.of(
                        "buffer set: acquire + release, 1 MiB, 1 thread",
                        Side.jmh("set", "SetWork.acquire"),
                        Side.c("GstBufferPool", "gstpool", "acquire", "1"),
                        Reach.atMost(1.0)));
    }

    private static Row sharedSet() {
        return Row.of(
                "2", "set-shared", "ns a thread",
                "as row 1, with two threads on one set; the limit is a cache line that goes to and fro",
                Line.of(
                        "the same, 2 threads on one set",
                        Side.jmh("set, 2 threads", "SetWork.acquire").threads(2),
                        Side.c("GstBufferPool, 2 threads", "gstpool", "acquire", "2"),
                        Reach.atMost(0.4)));
    }

    private static Row cycle() {
        Side ours = Side.jmh("cycle", "CycleWork.cycle");
        return Row.of(
                "3", "cycle", "ns",
                "ours: create, attach 3 devices, map, begin and end an access, unmap, detach 3, free; GStreamer: acquire, map, unmap,"
                        + " release; Netty: allocate, release; none zeroes for the same owner",
                Line.of(
                        "whole cycle on recycled storage, 1 MiB",
                        ours, Side.c("GstBufferPool with map", "gstpool", "map", "1"), Reach.atMost(2)),
                Line.of("the same", ours, Side.jmh("Netty pooled", "NettyWork.pooled"), Reach.atMost(1)),
                Line.of("the same", ours, Side.jmh("Netty adaptive", "NettyWork.adaptive"), Reach.NONE));
    }

    private static Row negotiation() {
        return Row.of(
                "4", "negotiation", "ns",
                "64 questions in turn, 3 of 30 devices, 8 allocators; by hand: the same answers without alternatives, IOMMUs, pools,"
                        + " and in a refusal without the smallest conflict",
                Line.of(
                        "negotiation alone, agreed",
                        Side.jmh("negotiation", "NegotiationWork.success"),
                        Side.jmh("by hand", "NegotiationWork.writtenSuccess"),
                        Reach.atMost(2)),
                Line.of(
                        "refused, with the full explanation",
                        Side.jmh("refusal", "NegotiationWork.refusal"),
                        Side.jmh("refusal by hand", "NegotiationWork.writtenRefusal"),
                        Reach.atMost(5)),
                Line.of(
                        "agreed, never asked before",
                        Side.jmh("first negotiation", "NegotiationWork.firstSuccess"),
                        Side.jmh("by hand", "NegotiationWork.writtenSuccess"),
                        Reach.NONE),
                Line.of(
                        "refused, never asked before",
                        Side.jmh("first refusal", "NegotiationWork.firstRefusal"),
                        Side.jmh("refusal by hand", "NegotiationWork.writtenRefusal"),
                        Reach.NONE));
    }

    private static Row access() {
        return Row.of(
                "4b", "access", "ns",
                "both give a segment that dies at the end and that escapes; ours is checked, counted and of four ranges and modes",
                Line.of(
                        "CPU access begin + end",
                        Side.jmh("access", "AccessWork.access"),
                        Side.jmh("confined arena", "AccessWork.arena"),
                        Reach.atMost(3)));
    }

    private static Row zero() {
        return Row.of(
                "5", "zero", "ns",
                "both set resident shared memory to zero and touch each page after it; the limit is the bandwidth of the memory,"
                        + " below 1 MiB that of the cache",
                zero("64 KiB", 64 * KIB),
                zero("1 MiB", MIB),
                zero("8 MiB", 8 * MIB),
                across("64 KiB", 64 * KIB),
                across("1 MiB", MIB),
                across("8 MiB", 8 * MIB));
    }

    private static Line zero(String text, long byteSize) {
        return Line.of(
                "zeroing of recycled storage, " + text,
                Side.jmh("zero " + text, "MemoryWork.zero").with("size", byteSize),
                Side.c("memset " + text, "memory", "memset", Long.toString(byteSize)),
                Reach.atMost(1.10));
    }

    private static Line across(String text, long byteSize) {
        return Line.of(
                "whole cycle across owners, " + text,
                Side.jmh("across owners " + text, "RecycleWork.acrossOwners").with("size", byteSize),
                Side.c("memset " + text, "memory", "memset", Long.toString(byteSize)),
                Reach.NONE);
    }

    private static Row move() {
        return Row.of(
                "6", "move", "ns",
                "ours: attach a device that does not reach the storage, detach, move back: two copies, into storage that is kept and"
                        + " resident; memcpy: to and fro between resident memory; the limit is the memory's bandwidth",
                move("8 MiB", 8 * MIB),
                move("64 MiB", 64 * MIB));
    }

    private static Line move(String text, long byteSize) {
        return Line.of(
                "move on late attach, " + text,
                Side.jmh("move " + text, "MoveWork.move").with("size", byteSize),
                Side.c("memcpy " + text, "memory", "memcpy", Long.toString(byteSize)),
                Reach.atMost(1.15));
    }

    private static Row fresh() {
        return Row.of(
                "7", "fresh", "ns",
                "both: memfd_create, ftruncate, mmap, one byte into each page, munmap, close; the limit is 256 page faults",
                Line.of(
                        "fresh 1 MiB from memfd, mapped and touched",
                        Side.jmh("fresh", "MemoryWork.fresh").with("size", MIB),
                        Side.c("fresh in C", "memory", "fresh", Long.toString(MIB)),
                        Reach.atMost(1.05)));
    }

    private static Row warm() {
        return Row.of(
                "8", "warm", "ns",
                "ours: create, attach, first map of storage that was kept, zeroed, an access, one byte into each page, and all back;"
                        + " in C: row 7; the limit is the zeroing",
                Line.of(
                        "warm pool: first map of a buffer, 1 MiB",
                        Side.jmh("first map, warm", "RecycleWork.firstMap").with("size", MIB),
                        Side.c("fresh in C", "memory", "fresh", Long.toString(MIB)),
                        Reach.atMost(0.05)));
    }

    private static Row pool() {
        Side small = exchange(64);
        Side large = exchange(256);
        return Row.of(
                "9", "pool", "ns",
                "one frame out and one in, of five sizes, half full; places only, on both sides; the limit is a few cache misses",
                Line.of("contig pool 64 MiB, allocate + free", small, peer("tlsf", 64), Reach.atMost(2)),
                Line.of("the same", small, peer("buddy", 64), Reach.NONE),
                Line.of("the same", small, peer("first-fit", 64), Reach.NONE),
                Line.of("contig pool 256 MiB, allocate + free", large, peer("tlsf", 256), Reach.atMost(2)),
                Line.of("the same", large, peer("buddy", 256), Reach.NONE),
                Line.of("the same", large, peer("first-fit", 256), Reach.NONE),
                Line.of("256 MiB against 64 MiB", large, small, Reach.atMost(1.3)));
    }

    private static Side exchange(int megabytes) {
        return Side.jmh("pool " + megabytes + " MiB", "PoolWork.exchange").with("megabytes", megabytes);
    }

    private static Side peer(String algorithm, int megabytes) {
        return Side.c(algorithm + " " + megabytes + " MiB", "pool_cost", algorithm, Integer.toString(megabytes));
    }

    private static Row share() {
        Side held = Side.gauge("nothing movable", "PoolShare");
        return Row.of(
                "10", "share", "",
                "the mean of 20 seeds in each round, the same requests on both sides, ours through the exporter with real memory",
                shareOf("best-fit", held),
                shareOf("tlsf", held),
                shareOf("first-fit", held),
                shareOf("buddy", held),
                Line.value("live share at the first refusal, 64 MiB, all mapped", held, Reach.atLeast(0.92)),
                Line.value(
                        "the same, idle storage movable",
                        Side.gauge("idle storage movable", "PoolShare").with("movable", true),
                        Reach.atLeast(0.995)));
    }

    private static Line shareOf(String algorithm, Side held) {
        return Line.of("live share, nothing movable", held, Side.c(algorithm, "pool_share", algorithm), Reach.NONE);
    }

    private static Row growth() {
        Side base = Side.jmh("8 allocators, 3 devices", "CycleWork.cycle");
        Side few = Side.jmh("1 thousand live", "CycleWork.cycle").with("live", 1_000);
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

    private static Row heap() {
        return Row.of(
                "12", "heap", "bytes",
                "the growth of the heap by 20,000 of them, whose handles are kept",
                Line.value("heap of a live, unmapped buffer with 3 attachments", Side.gauge("heap", "HeapBytes"), Reach.atMost(512)));
    }

    private static Row threads() {
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

    private static Row swap() {
        return Row.of(
                        "14", "swap", "",
                        "two threads create, attach, map and free; p99.9 of map in the second around the swap in that of a quiet second;"
                                + " a map that fails fails the row",
                        Line.value("allocator replaced under full load: p99.9 of map", Side.gauge("swap", "SwapTail"), Reach.atMost(5)))
                .slow();
    }

    private static Row observation() {
        return Row.of(
                "15", "observation", "ns",
                "the cycle of row 3 with a listener to the usual events and the leak level simple; against none and off",
                Line.of(
                        "observation switched on",
                        Side.jmh("observed", "CycleWork.cycle").with("observed", "yes"),
                        Side.jmh("unobserved", "CycleWork.cycle").with("observed", "no"),
                        Reach.atMost(1.05)));
    }

    private static Row start() {
        Side time = Side.gauge("gateway", "StartTime");
        Side memory = time.with("what", "resident").called("gateway, resident");
        return Row.of(
                        "17", "start", "ms",
                        "ours: from the process to the first buffer that is mapped and filled, without a terminal; against: Felix with the"
                                + " same bundles but ours, until the last is started; both with a bundle cache from before",
                        Line.of("gateway start", time, time.with("bare", true).called("bare Felix"), Reach.atMost(1.15)),
                        Line.of(
                                "resident memory then, in MiB",
                                memory, memory.with("bare", true).called("bare Felix, resident"), Reach.atMost(1.15)))
                .slow();
    }

    private static Row files() {
        return Row.of(
                        "18", "files", "ns a file",
                        "the gateway's commands over so many files, its start included; more files must not make each of them dearer",
                        files("1,024 device trees against 128", trees(1024), trees(128)),
                        files("1,200 scenario files against 120", scenarios(1200), scenarios(120)))
                .slow();
    }

    private static Line files(String work, Side many, Side few) {
        return Line.of(work, many, few, Reach.atMost(1.1));
    }

    private static Side trees(int count) {
        String folder = System.getenv().getOrDefault("BENCH_TREES", Pace.root().resolve("../shared/boards").normalize().toString());
        return Side.gauge(count + " trees", "GatewayTime")
                .with("command", "board").with("files", folder).with("suffix", ".dtb").with("count", count);
    }

    private static Side scenarios(int count) {
        Path folder = Pace.root().resolve("dmabuf.shell/src/main/resources/scenarios");
        return Side.gauge(count + " scenarios", "GatewayTime")
                .with("command", "scenario").with("files", folder).with("suffix", ".scn").with("count", count);
    }
}
