// SPDX-License-Identifier: Apache-2.0
package trials.core;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import dmabuf.api.Segment;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import trials.Row;
import trials.Scale;

/** Sixteen threads map a new buffer at the same moment, for two devices, round after round: one allocation each. */
public final class FirstMap implements Wrap {
    private static final int THREADS = 16;

    private final AtomicLong asked = new AtomicLong();
    private final AtomicLong returned = new AtomicLong();
    private final ConcurrentLinkedQueue<Mapping> mappings = new ConcurrentLinkedQueue<>();
    private final Set<Segment> seen = ConcurrentHashMap.newKeySet();
    private volatile List<Attachment> attachments = List.of();
    private long rounds;

    public static void main(String... none) {
        Row.run(row -> new FirstMap().run(row, Scale.of(10_000)));
    }

    @Override
    public @Nullable Object answer(Method method, @Nullable Object[] arguments, Call real) throws Throwable {
        switch (method.getName()) {
            case "allocate" -> asked.addAndGet(method.getDeclaringClass().getSimpleName().equals("Allocator") ? 1 : 0);
            case "release" -> returned.incrementAndGet();
            default -> {}
        }
        return real.make();
    }

    private String run(Row row, int most) throws Exception {
        try (Bench bench = new Bench(this)) {
            bench.pool("pool", 0, Bench.LOW, 16 * Bench.MIB);
            bench.device("cam", "");
            bench.device("codec", "maxSegments=1");
            new Team(THREADS, () -> next(bench), this::judge).run(round -> round < most, this::map);
        }
        row.say(asked + " allocations, " + returned + " returned, in " + most + " rounds");
        Row.check(returned.get() == most, returned + " of " + most + " allocations came back");
        return Row.number(most) + " rounds; exactly 1 allocation each";
    }

    private void next(Bench bench) {
        try (DmaBuf frame = bench.exporter("app").create(BufferRequest.ofSize(Bench.PAGE))) {
            attachments = frame.attach(List.of("cam", "codec"));
        }
    }

    private void map(int member, int round) {
        Mapping mapping = attachments.get((member + round) % 2).map(Direction.BIDIRECTIONAL);
        mappings.add(mapping);
        seen.addAll(mapping.table().segments());
    }

    private void judge() {
        rounds++;
        Row.check(asked.get() == rounds, "round " + rounds + ": " + asked + " allocations so far");
        Row.check(seen.size() == 1, "round " + rounds + ": not one and the same place: " + new ArrayList<>(seen));
        Row.check(mappings.size() == THREADS, "round " + rounds + ": " + mappings.size() + " mappings");
        mappings.forEach(Mapping::close);
        attachments.forEach(Attachment::close);
        mappings.clear();
        seen.clear();
    }
}
