// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.SetBuffer;
import dmabuf.api.SetRequest;
import dmabuf.api.spi.AllocatorSpec;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A set that rotates on several threads while a device joins and leaves, and its allocators are replaced. */
class SetChurnTest {
    private static final int THREADS = 3;
    private static final int CHANGES = 60;
    private static final Duration LONG = Duration.ofSeconds(60);

    /** Who has each buffer, by its id. */
    private final Map<Long, Thread> holders = new ConcurrentHashMap<>();

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong frames = new AtomicLong();

    @Test
    void everyFrameIsWholeAndWithOneHolderAndNobodyIsRefused() {
        Settings patient = new Settings(LONG, LONG, OptionalLong.empty());
        try (Bench bench = new Bench(patient).devices("cam").device("encoder", "range=0x0..0xffffffff")) {
            bench.pool("low", 1, 0x1000_0000L);
            bench.pool("high0", 9, 0x1_0000_0000L);
            BufferSet set = bench.exporter.createSet(SetRequest.of(BufferRequest.ofSize(4096), THREADS + 1));
            set.attach("cam", Direction.FROM_DEVICE);
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                all.add(CompletableFuture.runAsync(() -> rotate(set), Thread.ofPlatform()::start));
            }
            for (int change = 0; change < CHANGES; change++) {
                change(bench, set, change);
            }
            over.set(true);
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
            assertThat(set.info().generation()).as("each change made new storage").isGreaterThan(CHANGES / 2);
            assertThat(frames).hasPositiveValue();
            Awaitility.await().untilAsserted(() -> assertThat(set.info().draining()).isZero());
            assertThat(bench.exporter.buffers()).hasSize(THREADS + 1);
            set.close();
            Awaitility.await().untilAsserted(() -> assertThat(bench.exporter.buffers()).isEmpty());
        }
    }

    /** The encoder comes and goes; while it is away the storage lies high, and there the allocator is replaced. */
    private void change(Bench bench, BufferSet set, int change) {
        long before = frames.get();
        if (change % 2 == 0) {
            set.attach("encoder", Direction.TO_DEVICE);
        } else {
            set.detach("encoder");
            PoolAllocator next = new PoolAllocator(0x1_0000_0000L * (change + 2), 16 * Bench.MIB);
            bench.sandbox.addAllocator(AllocatorSpec.of("high" + (change + 1), "scripted", 9), next);
            bench.sandbox.removeAllocator(change == 1 ? "high0" : "high" + (change - 1));
            bench.sandbox.removeAllocator("low");
            bench.sandbox.addAllocator(
                    AllocatorSpec.of("low", "scripted", 1), new PoolAllocator(0x1000_0000L + (change << 24), 16 * Bench.MIB));
        }
        Awaitility.await().atMost(LONG).until(() -> frames.get() > before + THREADS);
    }

    private void rotate(BufferSet set) {
        while (!over.get()) {
            try (SetBuffer frame = set.acquire(LONG)) {
                long id = frame.buffer().id();
                assertThat(holders.put(id, Thread.currentThread())).as("who else has buffer %s", id).isNull();
                frame.mapping("cam").table();
                write(frame, id);
                assertThat(holders.remove(id)).isEqualTo(Thread.currentThread());
                frames.incrementAndGet();
            }
        }
    }

    private static void write(SetBuffer frame, long id) {
        try (CpuAccess access = frame.buffer().beginCpuAccess(CpuMode.READ_WRITE)) {
            byte mark = (byte) (Thread.currentThread().threadId() * 31 + id);
            access.segment().fill(mark);
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(mark);
        }
    }
}
