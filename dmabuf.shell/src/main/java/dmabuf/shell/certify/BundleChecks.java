// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Quantity;
import dmabuf.api.UserMapping;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.Sandbox;
import dmabuf.shell.text.BytePattern;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/** The bundle leaves, comes back and goes for good. */
final class BundleChecks {
    private static final String GROUP = "bundle";
    private static final String SOURCE = "contract 6";
    private static final int IDLE = 3;

    private BundleChecks() {}

    /** Before anything else needs to stop the bundle. */
    static List<Check> stops() {
        return List.of(new Check("stop", GROUP, "the bundle stops soon, also with storage live",
                SOURCE, BundleChecks::stop));
    }

    static List<Check> all() {
        return List.of(
                new Check("departure", GROUP,
                        "when the bundle stops, idle buffers move and held ones stay readable, then move; no byte is lost",
                        SOURCE, BundleChecks::departure),
                new Check("orphans", GROUP,
                        "started again while storage of its last life is live, it gives other addresses",
                        "AllocationRequest.claim; " + SOURCE, BundleChecks::orphans),
                new Check("return", GROUP, "started again, the bundle serves again",
                        SOURCE, BundleChecks::comeback),
                new Check("unload", GROUP, "uninstalled, the bundle leaves nothing: its class loader is collected",
                        SOURCE, BundleChecks::unload));
    }

    /** Puts the registered service on the bench, not what a factory makes. */
    private static void useService(Bench bench) {
        bench.watch().requireAlive();
        if (bench.candidate().reference().isEmpty()) {
            throw new Inapplicable("it registered no Allocator, only a factory; with a configuration it would:"
                    + " --pid PID KEY=VALUE...");
        }
        bench.use(bench.candidate().service());
    }

    private static void stop(Bench bench) {
        useService(bench);
        bench.fill(bench.piece());
        List<Allocation> live = bench.ledger().live();
        try {
            stopBundle(bench);
        } finally {
            live.forEach(bench::forget);
        }
        start(bench);
    }

    private static void stopBundle(Bench bench) {
        bench.watch().run("stop", "stop the bundle", bench.candidate().guest()::stop);
    }

    private static void start(Bench bench) {
        bench.watch().run("start", "start the bundle", bench.candidate().guest()::start);
        boolean came;
        try {
            came = bench.candidate().awaitService();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            came = false;
        }
        Violation.unless(
                came, "start the bundle again", "no Allocator service within " + Guest.PATIENCE.toSeconds() + " s",
                "the service that was there before");
    }

    private static void departure(Bench bench) {
        useService(bench);
        long piece = bench.piece();
        try (Sandbox sandbox = RuntimeChecks.open(bench, bench.allocator());
                Departures departures = Departures.of(bench, sandbox)) {
            sandbox.addAllocator(Refuge.SPEC, new Refuge());
            Exporter exporter = sandbox.exporter("certify");
            List<DmaBuf> idle = new ArrayList<>();
            for (int i = 0; i < IDLE; i++) {
                idle.add(filled(bench, exporter, piece, i));
            }
            DmaBuf held = filled(bench, exporter, piece, IDLE);
            try (UserMapping view = held.mapForUser(CpuRequest.of(CpuMode.READ))) {
                stopBundle(bench);
                try (CpuAccess access = view.begin()) {
                    same(access, IDLE, "a buffer that was held while the bundle stopped");
                }
            }
            for (int i = 0; i < IDLE; i++) {
                moved(idle.get(i), i, "a buffer that was idle when the bundle stopped");
            }
            moved(held, IDLE, "the buffer that was held, once it was let go");
            departures.check();
        } finally {
            start(bench);
        }
    }

    private static DmaBuf filled(Bench bench, Exporter exporter, long size, int seed) {
        DmaBuf buffer = exporter.create(BufferRequest.ofSize(size));
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.WRITE)) {
            BytePattern.ofSeed(seed).fill(access.segment());
        }
        Optional<String> allocator = buffer.info().allocator();
        if (!allocator.equals(Optional.of(bench.specimen().spec().id()))) {
            throw new Inapplicable("a buffer without a device got its storage from " + allocator.orElse("nobody"));
        }
        return buffer;
    }

    private static void moved(DmaBuf buffer, int seed, String what) {
        Violation.unless(
                buffer.info().allocator().equals(Optional.of(Refuge.ID)), what,
                "storage of " + buffer.info().allocator().orElse("nobody"), "storage of the next allocator");
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            same(access, seed, what);
        }
    }

    private static void same(CpuAccess access, int seed, String what) {
        OptionalLong wrong = BytePattern.ofSeed(seed).mismatch(access.segment());
        Violation.unless(
                wrong.isEmpty(), what, "byte " + wrong.orElse(0) + " of " + Quantity.format(access.segment().byteSize())
                        + " is another", "all bytes as written");
    }

    private static void orphans(Bench bench) {
        useService(bench);
        long piece = bench.piece();
        try (Sandbox sandbox = RuntimeChecks.open(bench, bench.allocator());
                Departures departures = Departures.of(bench, sandbox)) {
            Exporter exporter = sandbox.exporter("certify");
            DmaBuf orphan = filled(bench, exporter, piece, 0);
            try (UserMapping view = orphan.mapForUser(CpuRequest.of(CpuMode.READ))) {
                stopBundle(bench);
                departures.check();
                start(bench);
                bench.use(bench.candidate().service());
                sandbox.addAllocator(bench.specimen().spec(), bench.allocator());
                served(exporter.create(BufferRequest.ofSize(piece)), orphan);
                try (CpuAccess access = view.begin()) {
                    same(access, 0, "the storage of its last life");
                }
            }
        }
    }

    private static void served(DmaBuf buffer, DmaBuf orphan) {
        String asked = "a buffer beside live storage of its last life at " + orphan.info().segments();
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.WRITE)) {
            BytePattern.ofSeed(1).fill(access.segment());
        } catch (DmaBufException e) {
            throw new Violation(asked, e.reason() + ": " + e.getMessage(), "storage at addresses that it could claim");
        }
    }

    private static void comeback(Bench bench) {
        useService(bench);
        stopBundle(bench);
        start(bench);
        bench.use(bench.candidate().service());
        bench.release(bench.allocate(bench.ask(bench.piece())));
    }

    private static void unload(Bench bench) throws InterruptedException {
        bench.watch().requireAlive();
        Bundle bundle = bench.candidate().guest().bundle();
        WeakReference<ClassLoader> loader =
                new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader());
        bench.watch().run("stop", "stop the bundle", bench.candidate().guest()::stop);
        bench.watch().run("stop", "uninstall the bundle", bench.candidate().guest()::uninstall);
        long end = System.nanoTime() + Guest.PATIENCE.toNanos();
        while (!loader.refersTo(null) && System.nanoTime() < end) {
            System.gc();
            Thread.sleep(Duration.ofMillis(50));
        }
        Violation.unless(
                loader.refersTo(null), "the class loader of the uninstalled bundle",
                "still reachable after " + Guest.PATIENCE.toSeconds() + " s", "that nothing holds it: no thread, no static of others");
    }
}
