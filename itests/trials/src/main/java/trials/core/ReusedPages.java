// SPDX-License-Identifier: Apache-2.0
package trials.core;

import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import dmabuf.api.Recycling;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import trials.Row;
import trials.Scale;

/**
 * One owner fills buffers and lets them go, by closing them or by stopping with an access open; another one gets the same
 * place, looks, and finds nothing but zeroes: in full every other time, else at samples. Who was stopped goes on writing.
 * Two times of three both ask that storage is kept: then it never went back to the allocator, unless its owner was stopped.
 */
public final class ReusedPages {
    private static final List<Recycling> WAYS = List.of(Recycling.values());
    private static final int IN_FULL = 10_000;
    private static final int SAMPLES = 64;
    private static final byte OLD = (byte) 0xa5;

    private final Random random;
    private long reuses;
    private long inFull;
    private long leftBehind;
    private long kept;

    private ReusedPages(Row row) {
        this.random = row.random(0);
    }

    public static void main(String... none) {
        Row.run(row -> new ReusedPages(row).run(row, Scale.of(IN_FULL)));
    }

    private String run(Row row, int full) {
        try (Bench bench = new Bench(Wrap.NOTHING)) {
            bench.pool("pool", 0, Bench.LOW, Bench.MIB);
            while (inFull < full) {
                reuse(bench);
            }
        }
        row.say(leftBehind + " times the first owner went on writing");
        return Row.number(reuses) + " reuses, " + Row.number(inFull) + " in full, " + Row.number(kept)
                + " of storage that was kept; no old byte";
    }

    private void reuse(Bench bench) {
        long size = Bench.PAGE * (1 + random.nextInt(16));
        boolean stops = random.nextInt(8) == 0;
        Recycling recycling = WAYS.get(random.nextInt(WAYS.size()));
        BufferRequest request = BufferRequest.ofSize(size).withRecycling(recycling);
        DmaBuf first = bench.exporter("first").create(request);
        CpuAccess access = first.beginCpuAccess(CpuMode.WRITE);
        MemorySegment left = access.segment();
        left.fill(OLD);
        long place = place(first);
        if (stops) {
            leftBehind++;
            // On another thread: this one's own accesses would be closed, not taken away from under it.
            CompletableFuture.runAsync(() -> bench.sandbox.removeOwner("first")).join();
        } else {
            access.close();
            first.close();
        }
        boolean isKept = bench.memory.inUse() > 0;
        Row.check(isKept == (recycling != Recycling.NONE && !stops), recycling + ", kept: " + isKept);
        kept += isKept ? 1 : 0;
        try (DmaBuf second = bench.exporter("second").create(request);
                CpuAccess look = second.beginCpuAccess(CpuMode.READ)) {
            Row.check(place(second) == place, "not the same place");
            if (stops) {
                left.fill(OLD);
            }
            look(look.segment());
        }
        access.close();
        bench.sandbox.removeOwner("second");
    }

    private static long place(DmaBuf frame) {
        return frame.info().segments().getFirst().address();
    }

    private void look(MemorySegment segment) {
        reuses++;
        if (reuses % 2 == 0) {
            inFull++;
            for (long at = 0; at < segment.byteSize(); at += Long.BYTES) {
                check(segment.get(ValueLayout.JAVA_LONG, at), at);
            }
        } else {
            for (int i = 0; i < SAMPLES; i++) {
                long at = random.nextLong(segment.byteSize());
                check(segment.get(ValueLayout.JAVA_BYTE, at), at);
            }
        }
    }

    private void check(long found, long at) {
        Row.check(found == 0, "reuse " + reuses + ": an old byte at " + at + ": " + Long.toHexString(found));
    }
}
