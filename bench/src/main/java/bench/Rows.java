// SPDX-License-Identifier: Apache-2.0
package bench;

import bench.Line.Reach;
import java.util.List;

/** The table: what is measured, against what, and what it should come to. */
final class Rows {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;

    private Rows() {}

    static List<Row> all() {
        return List.of(
                set(), sharedSet(), cycle(), negotiation(), access(), zero(), move(), fresh(), warm(), pool(), share(),
                WholeRows.growth(), WholeRows.heap(), WholeRows.threads(), WholeRows.swap(), WholeRows.observation(),
                WholeRows.systemHeap(), WholeRows.start(), WholeRows.startMemory(), WholeRows.files());
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
                "the mean of 1,000 seeds in each round, since that of 20 is off by 0.01 by chance; the same requests on both sides, ours"
                        + " through the exporter with real memory",
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
}
