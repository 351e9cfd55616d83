// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import itests.lab.Bench;
import itests.lab.Expect;
import itests.lab.LabCase;
import itests.lab.peer.Bars;
import itests.lab.peer.Camera;
import itests.lab.peer.PixelFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;

/** What may happen to the runtime and to buffers while a camera runs: no frame is lost or torn. */
final class LiveCases {
    private static final int SLOTS = 4;
    private static final int FRAMES_PER_SECOND = 2;
    private static final int MOST = 100;
    private static final String ONE_PIECE = "lab/one-piece";
    private static final String SYSTEM = "allocator.system";

    static final List<LabCase> ALL = List.of(
            new LabCase("late-joiner", () -> Needs.cameras(1).or(Needs::cma), LiveCases::lateJoiner),
            new LabCase("replaced", () -> Needs.cameras(1), LiveCases::replaced));

    private LiveCases() {}

    /** A rotation that runs, and counts. */
    private static final class Run {
        private final Camera camera;
        private final Rotation rotation;
        private int last = -1;

        Run(Camera camera, Rotation rotation) {
            this.camera = camera;
            this.rotation = rotation;
        }

        /** Takes one frame, which must be the next, does something with its slot, and queues it again. */
        void step(IntConsumer between) {
            Rotation.Frame frame = rotation.next();
            if (last >= 0) {
                Expect.equal("number of the frame", last + 1, frame.shot().sequence());
            }
            last = frame.shot().sequence();
            between.accept(frame.shot().slot());
            rotation.queue(frame.shot().slot());
        }
    }

    @FunctionalInterface
    private interface Show {
        String of(Run run) throws IOException;
    }

    private static String live(Bench bench, Show show) throws IOException {
        Path node = Camera.nodes().getFirst();
        try (Camera camera = Camera.sensor(node, 320, 180, PixelFormat.RGB24, FRAMES_PER_SECOND, SLOTS);
                Rotation rotation = Rotation.of(bench.exporter(), camera, SLOTS, CameraCases.device(node))) {
            camera.start();
            return show.of(new Run(camera, rotation));
        }
    }

    /** A codec that needs one piece comes late: each buffer moves, between two frames, with the frame that is in it. */
    private static String lateJoiner(Bench bench) throws IOException {
        try (var _ = bench.device(ONE_PIECE, "maxSegments=1")) {
            return live(bench, run -> {
                String before = source(run, 0);
                for (int i = 0; i < SLOTS; i++) {
                    run.step(_ -> {});
                }
                for (int i = 0; i < SLOTS; i++) {
                    run.step(slot -> join(run, slot));
                }
                for (int i = 0; i < 2 * SLOTS; i++) {
                    run.step(slot -> Expect.equal("moves", 1L, run.rotation.buffer(slot).buffer().info().moves()));
                }
                return SLOTS + " buffers moved from " + before + " to " + source(run, 0) + " between frames; 16 frames in a row";
            });
        }
    }

    private static void join(Run run, int slot) {
        Held held = run.rotation.buffer(slot);
        Bars bars = held.read(segment -> Bars.in(segment, run.camera.format()));
        held.join(ONE_PIECE);
        Expect.equal("the allocator", "contig", held.mapping().allocator());
        Expect.equal("the frame after the move", bars,
                held.read(segment -> Bars.in(segment, run.camera.format())));
    }

    private static String source(Run run, int slot) {
        return Bench.source(run.rotation.buffer(slot).buffer()).name();
    }

    /** The bundle of the allocator whose memory the camera fills is updated by a jar in deploy/. */
    private static String replaced(Bench bench) throws IOException {
        return live(bench, run -> {
            Bundle bundle = Arrays.stream(bench.context().getBundles())
                    .filter(each -> SYSTEM.equals(each.getSymbolicName()))
                    .findFirst()
                    .orElseThrow();
            long before = bundle.getLastModified();
            Expect.equal("the allocator", "system", run.rotation.buffer(0).mapping().allocator());
            run.step(_ -> {});
            drop();
            int frames = 1;
            while (bundle.getLastModified() == before || !isThere(bench)) {
                run.step(_ -> {});
                Expect.that("the bundle is replaced within " + MOST + " frames", ++frames < MOST);
            }
            for (int i = 0; i < 2 * SLOTS; i++) {
                run.step(_ -> {});
            }
            return SYSTEM + " was replaced while " + frames + " frames came; " + (frames + 2 * SLOTS) + " in a row";
        });
    }

    private static boolean isThere(Bench bench) {
        return bench.exporter().allocators().stream().anyMatch(info -> info.id().equals("system") && !info.standby());
    }

    /** Copies the jar of the installation under another name first: what is not complete is not taken. */
    private static void drop() throws IOException {
        Path deploy = Path.of(System.getProperty("cenalloc.storage"), "deploy");
        try (Stream<Path> jars = Files.list(Path.of(System.getProperty("cenalloc.home"), "bundle"))) {
            Path jar = jars.filter(file -> file.getFileName().toString().startsWith(SYSTEM))
                    .findFirst()
                    .orElseThrow();
            Path part = Files.copy(jar, deploy.resolve("system.part"));
            Files.move(part, deploy.resolve("system.jar"), StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
