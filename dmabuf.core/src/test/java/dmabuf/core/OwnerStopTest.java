// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static dmabuf.core.Bench.PAGE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Calls that are under way when their owner stops: they end as GONE, and those of others on the same buffer go on. */
class OwnerStopTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    /** A call on a thread of its own. */
    private record Call<T>(FutureTask<T> task, Thread thread) {
        static <T> Call<T> of(Callable<T> action) {
            FutureTask<T> task = new FutureTask<>(action);
            return new Call<>(task, Thread.ofPlatform().start(task));
        }

        /** Waits until it waits itself, with a deadline. */
        Call<T> parked() {
            await().atMost(30, SECONDS).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
            return this;
        }

        T result() throws Exception {
            return task.get(30, SECONDS);
        }
    }

    @Test
    void aMapThatWaitsEndsWithItsOwnerAndThoseOfOthersGoOn() throws Exception {
        try (Bench bench = new Bench().devices("cam", "codec")) {
            bench.pool("pool", 0, 0x1000_0000L);
            Exporter other = bench.sandbox.exporter("other");
            DmaBuf theirs = other.create(BufferRequest.ofSize(PAGE)
                    .withExpectedDevices(List.of("codec"))
                    .withPatience(LONG));
            Attachment cam = bench.exporter.open(theirs.id()).attach("cam");
            Call<DmaBufException> ours = Call.of(() -> Bench.refusal(() -> cam.map(Direction.TO_DEVICE))).parked();
            Call<CpuAccess> access =
                    Call.of(() -> theirs.beginCpuAccess(CpuRequest.of(CpuMode.READ).withShared())).parked();

            bench.sandbox.removeOwner("app");

            assertThat(ours.result().reason()).isEqualTo(Reason.GONE);
            assertThat(access.task()).isNotDone();
            theirs.attach("codec");
            access.result().close();
            assertThat(theirs.info().attachments()).hasSize(1);
        }
    }

    /** The allocator answers after its asker has gone: the mapping that comes of it ends at once. */
    @Test
    void aMapThatAllocatesEndsWithItsOwner() throws Exception {
        try (Bench bench = new Bench(new Settings(LONG, LONG, OptionalLong.empty())).devices("cam")) {
            PoolAllocator pool = bench.pool("pool", 0, 0x1000_0000L);
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            pool.allocating = request -> {
                asked.countDown();
                Waiting.on(go);
                return pool.lowest(request);
            };
            DmaBuf buffer = bench.buffer(PAGE);
            Attachment cam = buffer.attach("cam");
            Call<Reason> outcome = Call.of(() -> outcome(cam));
            Waiting.on(asked);
            Call<Boolean> stop = Call.of(() -> {
                bench.sandbox.removeOwner("app");
                return true;
            });
            await().atMost(30, SECONDS).until(() -> Bench.refusal(buffer::byteSize) != null);
            go.countDown();
            assertThat(stop.result()).isTrue();
            assertThat(outcome.result()).isEqualTo(Reason.GONE);
            assertThat(bench.memory.inUse()).isZero();
            assertThat(bench.sandbox.exporter("other").holdings()).isEmpty();
        }
    }

    /** Returns how a map ends, or what its mapping answers as soon as it has ended. */
    private static Reason outcome(Attachment cam) {
        DmaBufException refused = Bench.refusal(() -> {
            Mapping mapping = cam.map(Direction.TO_DEVICE);
            await().atMost(30, SECONDS).until(() -> Bench.refusal(mapping::table) != null);
            mapping.table();
        });
        return refused.reason();
    }
}
