// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.DmaBufException;
import dmabuf.api.Fence;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceState;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import dmabuf.api.SyncFile;
import itests.lab.Bench;
import itests.lab.Expect;
import itests.lab.LabCase;
import itests.lab.Setting;
import itests.lab.peer.DrmCard;
import itests.lab.peer.Posix;
import itests.lab.peer.Timeline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Fences of real drivers on our dma-bufs: accesses wait for them, and they come and go as sync_files. */
final class FenceCases {
    private static final String ANY = "lab/any";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    static final List<LabCase> ALL = List.of(
            new LabCase("fence-access", FenceCases::vgem, FenceCases::access),
            new LabCase("fence-file", FenceCases::vgem, FenceCases::file),
            new LabCase(
                    "fence-error",
                    () -> Needs.systemHeap().or(() -> Needs.node(Timeline.NODE.toString(), "CONFIG_SW_SYNC")),
                    FenceCases::error));

    private FenceCases() {}

    private static Optional<String> vgem() {
        return Needs.systemHeap().or(() -> Needs.card("vgem"));
    }

    @FunctionalInterface
    private interface Show {
        String of(Held one, Held other) throws Exception;
    }

    private static String withTwo(Bench bench, Show show) throws Exception {
        try (Setting _ = MemoryCases.systemFrom(bench, "heap:system");
                var _ = bench.device(ANY, "");
                Held one = Held.of(bench.exporter(), "one", 8192, ANY);
                Held other = Held.of(bench.exporter(), "other", 8192, ANY)) {
            one.write(segment -> Bytes.write(segment, 1)); // What is slow the first time was done.
            one.read(segment -> Bytes.mismatch(segment, 1));
            return show.of(one, other);
        }
    }

    /** Writing by vgem on a buffer, which is ended in the end. */
    private record Work(DrmCard card, int handle, int fence) implements AutoCloseable {
        static Work on(Held held) {
            DrmCard card = DrmCard.of("vgem").orElseThrow();
            int[] handle = new int[1];
            held.lend(descriptor -> handle[0] = card.importBuffer(descriptor));
            return new Work(card, handle[0], card.beginWriting(handle[0]));
        }

        void end() {
            card.endWriting(fence);
        }

        @Override
        public void close() {
            card.release(handle);
            card.close();
        }
    }

    private static String tried(Held held) {
        return Expect.refused(
                () -> held.buffer().beginCpuAccess(CpuRequest.of(CpuMode.READ).withTrying()).close(), Reason.BUSY);
    }

    /** While a driver writes, a try is BUSY, a reader waits without the buffer's lock, and goes on when the driver has ended. */
    private static String access(Bench bench) throws Exception {
        return withTwo(bench, (held, _) -> {
            AtomicBoolean ended = new AtomicBoolean();
            try (Work work = Work.on(held)) {
                String busy = tried(held);
                CompletableFuture<Boolean> reader =
                        CompletableFuture.supplyAsync(() -> held.read(_ -> ended.get()));
                Expect.equal("answer of a second try", busy, tried(held));
                Expect.refused(held.buffer()::move, Reason.BUSY);
                ended.set(true);
                work.end();
                Expect.that("the reader came after the end", reader.get(LIMIT.toSeconds(), TimeUnit.SECONDS));
            }
            Expect.equal("byte that changed", -1L, held.read(segment -> Bytes.mismatch(segment, 1)));
            return "a reader waited for vgem; a try: " + Bench.source(held.buffer()).name() + ", drivers at work";
        });
    }

    /** The work on one buffer is what readers of another wait for, and drivers that use the other. */
    private static String file(Bench bench) throws Exception {
        return withTwo(bench, (one, other) -> {
            try (Work work = Work.on(one);
                    SyncFile file = one.mapping().openSyncFile(FenceUsage.READ)) {
                Expect.that("the sync_file is pending", !Posix.isReadable(file.descriptor(), Duration.ZERO));
                Fence fence = other.buffer().importSyncFile(
                        file.descriptor(), FenceRequest.of(FenceUsage.WRITE, LIMIT).withName("vgem"));
                String busy = tried(other);
                Expect.that("refused for the fence: " + busy, busy.contains("write fence vgem"));
                other.lend(dmaBuf -> Expect.that("drivers wait", !Posix.isReadable(dmaBuf, Duration.ZERO)));
                Expect.equal("state", FenceState.PENDING, fence.state());
                work.end();
                Expect.that("signalled", fence.await(LIMIT));
                Expect.that("the sync_file is signalled", Posix.isReadable(file.descriptor(), Duration.ZERO));
                other.lend(dmaBuf -> Expect.that("drivers go on", Posix.isReadable(dmaBuf, Duration.ZERO)));
            }
            awaitFree(other);
            return "exported from one dma-buf, imported into another: its readers and drivers waited";
        });
    }

    /**
     * Waits until a try succeeds. A signalled fence is taken off the buffer by a thread of the runtime, and while that has the
     * buffer's lock, a try is BUSY for it; for the fence it must not be any more.
     */
    private static void awaitFree(Held held) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!isFree(held)) {
            Expect.that("free in time", System.nanoTime() - end < 0);
            Thread.sleep(1);
        }
    }

    private static boolean isFree(Held held) {
        try {
            held.buffer().beginCpuAccess(CpuRequest.of(CpuMode.WRITE).withTrying()).close();
            return true;
        } catch (DmaBufException e) {
            if (e.reason() == Reason.BUSY && e.explanation().text().startsWith("another call is at work")) {
                return false;
            }
            throw e;
        }
    }

    /** The error of a sync_file reaches who waits. */
    private static String error(Bench bench) throws Exception {
        return withTwo(bench, (held, _) -> {
            Fence fence;
            try (Timeline timeline = new Timeline()) {
                int pending = timeline.fence();
                try {
                    fence = held.buffer().importSyncFile(pending, FenceRequest.of(FenceUsage.WRITE, LIMIT));
                } finally {
                    Posix.close(pending);
                }
                Expect.that("not signalled yet", !fence.await(Duration.ZERO));
            }
            try {
                fence.await(LIMIT);
            } catch (DmaBufException e) {
                Expect.that(String.valueOf(e.getMessage()), String.valueOf(e.getMessage()).endsWith("with ENOENT"));
                return String.valueOf(e.getMessage());
            }
            throw new AssertionError("the fence did not fail");
        });
    }
}
