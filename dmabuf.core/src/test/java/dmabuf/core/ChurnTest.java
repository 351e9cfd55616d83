// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.Exporter;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorSpec;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Everything at once: threads that use buffers, of their own and of others, while allocators, devices, mappers and
 * owners come and go. Only documented refusals may happen, no byte may be wrong, and in the end nothing is left.
 */
class ChurnTest {
    private static final int THREADS = 6;
    private static final int OPERATIONS = 500;
    private static final Set<Reason> EXPECTED =
            Set.of(Reason.GONE, Reason.NO_ALLOCATOR, Reason.BUSY, Reason.OUT_OF_MEMORY, Reason.FRAGMENTED);

    private final Bench bench = new Bench().devices("cam", "codec").device("strict", "align=64K maxSegments=1");
    private final Map<Long, DmaBuf> living = new ConcurrentHashMap<>();
    private final List<Explanation> refusals = new ArrayList<>();
    private final List<PoolAllocator> pools = new ArrayList<>();

    @Test
    void nothingUndocumentedHappensAndNothingIsLeft() throws InterruptedException, ExecutionException {
        try (bench;
                ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1)) {
            addPool(0);
            bench.devices("gpu");
            bench.sandbox.removeDevice("gpu");
            AtomicInteger users = new AtomicInteger(THREADS);
            Future<Integer> changes = threads.submit(() -> change(users));
            List<Future<Integer>> uses = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                uses.add(threads.submit(user(i, users)));
            }
            for (Future<Integer> done : uses) {
                assertThat(done.get()).as("uses that went through").isGreaterThan(OPERATIONS / 10);
            }
            assertThat(changes.get()).isPositive();
        }
        assertThat(refusals).extracting(Explanation::reason).isSubsetOf(EXPECTED);
        assertThat(refusals)
                .as("honest allocators are never taken for liars")
                .extracting(Explanation::text)
                .noneMatch(text -> text.contains("overlaps"));
        assertThat(pools.getLast().statistics().live()).isZero();
    }

    private void addPool(int generation) {
        PoolAllocator pool = new PoolAllocator(16 * Bench.MIB * (1 + generation), 384 * Bench.KIB);
        pool.compacting = pool::pack;
        pools.add(pool);
        bench.sandbox.addAllocator(AllocatorSpec.of("pool" + generation, "t", generation % 3), pool);
    }

    /** Swaps the allocator, a device, a mapper and an owner, over and over. */
    private int change(AtomicInteger users) {
        Random random = new Random(1);
        int generation = 0;
        while (users.get() > 0) {
            generation++;
            addPool(generation);
            bench.sandbox.removeAllocator("pool" + (generation - 1));
            bench.sandbox.removeDevice("strict");
            bench.device("strict", "align=64K maxSegments=1");
            TestMapper mapper = new TestMapper("smmu");
            bench.sandbox.addMapper(mapper);
            bench.sandbox.addDevice(
                    Device.of("gpu", List.of(Bench.path("").withIommu("smmu"))), Map.of());
            bench.sandbox.removeMapper(mapper);
            bench.sandbox.removeDevice("gpu");
            if (generation % 50 == 0) {
                bench.sandbox.removeOwner("user" + random.nextInt(THREADS));
            }
        }
        return generation;
    }

    private Callable<Integer> user(int number, AtomicInteger users) {
        return () -> {
            Random random = new Random(number);
            int done = 0;
            try {
                for (int i = 0; i < OPERATIONS; i++) {
                    done += attempt(() -> use(bench.sandbox.exporter("user" + number), random)) ? 1 : 0;
                }
            } finally {
                users.decrementAndGet();
            }
            return done;
        };
    }

    /** Does what may be refused because somebody has just left. */
    private boolean attempt(Runnable step) {
        try {
            step.run();
            return true;
        } catch (DmaBufException e) {
            synchronized (refusals) {
                refusals.add(e.explanation());
            }
            return false;
        }
    }

    private void use(Exporter exporter, Random random) {
        try (DmaBuf frame = exporter.create(
                BufferRequest.ofSize(1 + random.nextInt(40_000)).withName("frame"))) {
            living.put(frame.id(), frame);
            byte value = (byte) random.nextInt();
            fill(frame, value);
            try (Attachment first = frame.attach(random.nextBoolean() ? "cam" : "codec");
                    Mapping mapping =
                            first.map(MapRequest.of(Direction.TO_DEVICE).withMoveListener(Mapping::close))) {
                attempt(() -> look(exporter, random));
                attempt(() -> attachAndMap(frame, "strict"));
                assertThat(mapping.direction()).isEqualTo(Direction.TO_DEVICE);
            }
            attempt(frame::move);
            attempt(() -> attachAndMap(frame, "gpu"));
            verify(frame, value);
        } finally {
            living.values().removeIf(frame -> frame.info().references() == 0);
        }
    }

    private static void attachAndMap(DmaBuf frame, String device) {
        try (Attachment attachment = frame.attach(device);
                Mapping mapping = attachment.map(Direction.BIDIRECTIONAL)) {
            assertThat(mapping.direction()).isEqualTo(Direction.BIDIRECTIONAL);
        }
    }

    /** Opens somebody else's buffer, and reads it. */
    private void look(Exporter exporter, Random random) {
        List<Long> ids = List.copyOf(living.keySet());
        if (!ids.isEmpty() && random.nextInt(4) == 0) {
            try (DmaBuf other = exporter.open(ids.get(random.nextInt(ids.size())))) {
                other.beginCpuAccess(CpuMode.READ).close();
            }
        }
    }

    private static void fill(DmaBuf frame, byte value) {
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill(value);
        }
    }

    private static void verify(DmaBuf frame, byte value) {
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(value);
        }
    }
}
