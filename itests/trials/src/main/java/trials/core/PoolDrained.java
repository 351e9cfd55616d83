// SPDX-License-Identifier: Apache-2.0
package trials.core;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import trials.Row;
import trials.Scale;

/** Four threads fill a pool with buffers of all sizes until it has no room, and drain it in any order: it is whole again. */
public final class PoolDrained {
    private static final int THREADS = 4;
    private static final long POOL = 4 * Bench.MIB;
    private static final Set<Reason> FULL = Set.of(Reason.OUT_OF_MEMORY, Reason.FRAGMENTED);

    private final List<Random> randoms = new ArrayList<>();
    private long buffers;

    public static void main(String... none) {
        Row.run(row -> new PoolDrained().run(row, Scale.of(1_000)));
    }

    private String run(Row row, int rounds) throws Exception {
        for (int i = 0; i < THREADS; i++) {
            randoms.add(row.random(i));
        }
        try (Bench bench = new Bench(Wrap.NOTHING)) {
            Allocator pool = bench.pool("pool", 0, Bench.LOW, POOL);
            bench.device("any", "");
            bench.device("aligned", "align=64K maxSegments=1");
            new Team(THREADS, () -> {}, () -> judge(bench, pool)).run(round -> round < rounds, (member, _) -> fillAndDrain(bench, member));
        }
        row.say(buffers + " buffers in " + rounds + " rounds");
        return Row.number(rounds) + " rounds, " + Row.number(buffers) + " buffers; largest free block = pool";
    }

    private void fillAndDrain(Bench bench, int member) {
        Random random = randoms.get(member);
        List<Mapping> mappings = new ArrayList<>();
        List<Attachment> attachments = new ArrayList<>();
        try {
            while (true) {
                fillOne(bench, random, mappings, attachments);
            }
        } catch (DmaBufException e) {
            Row.check(FULL.contains(e.reason()), "not for lack of room: " + e);
        }
        Collections.shuffle(mappings, random);
        mappings.forEach(Mapping::close);
        Collections.shuffle(attachments, random);
        attachments.forEach(Attachment::close);
        synchronized (this) {
            buffers += mappings.size();
        }
    }

    private static void fillOne(Bench bench, Random random, List<Mapping> mappings, List<Attachment> attachments) {
        long size = 1 + random.nextLong(1L << (12 + random.nextInt(9)));
        try (DmaBuf frame = bench.exporter("app").create(BufferRequest.ofSize(size))) {
            Attachment member = frame.attach(random.nextInt(4) == 0 ? "aligned" : "any");
            attachments.add(member);
            mappings.add(member.map(Direction.BIDIRECTIONAL));
        }
    }

    private static void judge(Bench bench, Allocator pool) {
        AllocatorStatistics now = pool.statistics();
        Row.check(now.live() == 0 && now.used() == 0, "not drained: " + now);
        Row.check(now.largestFree() == POOL, "the pool is not one block again: " + now);
        try (DmaBuf whole = bench.exporter("app").create(BufferRequest.ofSize(POOL));
                Attachment member = whole.attach("aligned");
                Mapping mapping = member.map(Direction.BIDIRECTIONAL)) {
            Row.check(mapping.table().byteSize() == POOL, "not all of the pool: " + mapping.table());
        }
    }
}
