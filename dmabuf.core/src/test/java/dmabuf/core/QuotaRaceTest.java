// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static dmabuf.core.Bench.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Reason;
import dmabuf.api.spi.MemoryService;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Many threads at one limit: what the machine really gave them never goes past it, and in the end nothing counts. Nothing
 * moves here: a move has both places for its while, of which only one is charged.
 */
class QuotaRaceTest {
    private static final int THREADS = 8;
    private static final int ROUNDS = 300;
    private static final long LIMIT = 5 * PAGE;

    private final AtomicLong most = new AtomicLong();

    /** Looks at what is really out, each time when more has come. */
    private MemoryService watched(MemoryService machine) {
        return (MemoryService) Proxy.newProxyInstance(
                MemoryService.class.getClassLoader(), new Class<?>[] {MemoryService.class}, (_, method, arguments) -> {
                    try {
                        Object answer = method.invoke(machine, arguments);
                        if (method.getName().equals("allocate")) {
                            most.accumulateAndGet(machine.inUse(), Math::max);
                        }
                        return answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void neverOneByteOver() throws Exception {
        try (Bench bench = new Bench(Settings.DEFAULT, this::watched)) {
            bench.pool("pool", 100, 0x8000_0000L);
            bench.sandbox.putQuota(Map.of("name", "app", "owners", "app*", "bytes", LIMIT));
            AtomicLong given = new AtomicLong();
            AtomicLong refused = new AtomicLong();
            CyclicBarrier round = new CyclicBarrier(THREADS);
            try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
                List<Future<?>> runners = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    Exporter exporter = bench.sandbox.exporter("app" + i % 3);
                    Random random = new Random(i);
                    runners.add(threads.submit(() -> {
                        for (int n = 0; n < ROUNDS; n++) {
                            round.await();
                            attempt(exporter, random, given, refused);
                        }
                        return null;
                    }));
                }
                for (Future<?> runner : runners) {
                    runner.get();
                }
            }
            assertThat(most).hasValueLessThanOrEqualTo(LIMIT);
            assertThat(given).as("attempts that were given memory").hasPositiveValue();
            assertThat(refused).as("attempts that met the limit").hasPositiveValue();
            assertThat(given.get() + refused.get()).isEqualTo((long) THREADS * ROUNDS);
            assertThat(bench.sandbox.core().quotas().all().getFirst().byteSize()).isZero();
            assertThat(bench.sandbox.core().quotas().payers()).isEmpty();
        }
    }

    private static void attempt(Exporter exporter, Random random, AtomicLong given, AtomicLong refused) {
        try (DmaBuf buffer = exporter.create(BufferRequest.ofSize(PAGE * (1 + random.nextInt(3))))) {
            buffer.beginCpuAccess(CpuMode.READ).close();
            given.incrementAndGet();
        } catch (DmaBufException e) {
            assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.QUOTA);
            refused.incrementAndGet();
        }
    }
}
