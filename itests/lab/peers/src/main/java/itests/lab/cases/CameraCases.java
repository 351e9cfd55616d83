// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import dmabuf.api.Attempt;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuMode;
import dmabuf.api.Plan;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import itests.lab.Bench;
import itests.lab.Expect;
import itests.lab.LabCase;
import itests.lab.peer.Bars;
import itests.lab.peer.Camera;
import itests.lab.peer.KernelBuffers;
import itests.lab.peer.PixelFormat;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The virtual camera captures into buffers of ours. */
final class CameraCases {
    private static final int FRAMES = 60;
    private static final int SLOTS = 4;

    static final List<LabCase> ALL = List.of(
            new LabCase("camera", () -> Needs.cameras(1), CameraCases::rotation),
            new LabCase("camera-small", () -> Needs.cameras(1), CameraCases::tooSmall),
            new LabCase("camera-contiguous", () -> Needs.cameras(2).or(Needs::cma), CameraCases::contiguous),
            new LabCase("camera-scattered", () -> Needs.cameras(2), CameraCases::scattered),
            new LabCase("udmabuf-list", () -> Needs.cameras(1).or(Needs::udmabuf), CameraCases::list),
            new LabCase("freed-while-queued", () -> Needs.cameras(1), CameraCases::freedWhileQueued));

    private CameraCases() {}

    static String device(Path node) {
        return "(node=" + node + ")";
    }

    /** Sixty frames into four buffers: each is whole, and none is the one before. */
    private static String rotation(Bench bench) {
        Path node = Camera.nodes().getFirst();
        try (Camera camera = Camera.sensor(node, 640, 360, PixelFormat.RGB24, 10, SLOTS);
                Rotation rotation = Rotation.of(bench.exporter(), camera, SLOTS, device(node))) {
            String source = Bench.source(rotation.buffer(0).buffer()).name();
            Set<Integer> slots = new HashSet<>();
            Bars before = new Bars(-1);
            camera.start();
            for (int i = 0; i < FRAMES; i++) {
                Rotation.Frame frame = rotation.next();
                Expect.that("frame " + i + " is another picture than the one before", !frame.bars().equals(before));
                before = frame.bars();
                slots.add(frame.shot().slot());
                rotation.queue(frame.shot().slot());
            }
            Expect.equal("buffers that were filled", SLOTS, slots.size());
            return FRAMES + " frames of " + camera.format().byteSize() + " bytes in " + SLOTS + " buffers of " + source
                    + ", eight bars in each line of each";
        }
    }

    private static String tooSmall(Bench bench) {
        Path node = Camera.nodes().getFirst();
        try (Camera camera = Camera.sensor(node, 320, 180, PixelFormat.RGB24, 10, 1);
                Held held = Held.of(bench.exporter(), "small", 4096, device(node))) {
            held.lend(descriptor -> Expect.kernelRefuses("EINVAL", () -> camera.queue(0, descriptor)));
            return "4096 bytes for a frame of " + camera.format().byteSize() + ": EINVAL";
        }
    }

    /** The camera with the contiguous back end is a device that takes one piece: the CMA heap is chosen for it. */
    private static String contiguous(Bench bench) {
        Path node = Camera.nodes().get(1);
        try (Camera camera = Camera.sensor(node, 1280, 720, PixelFormat.RGB24, 10, SLOTS);
                Rotation rotation = Rotation.of(bench.exporter(), camera, SLOTS, device(node))) {
            String source = Bench.source(rotation.buffer(0).buffer()).name();
            Expect.equal("the source, with " + attempts(rotation.buffer(0)), "heap:reserved", source);
            camera.start();
            for (int i = 0; i < 2 * SLOTS; i++) {
                rotation.queue(rotation.next().shot().slot());
            }
            // Both instances are of one platform device.
            List<String> attached = attached(rotation.buffer(0));
            Expect.that("the kernel has the camera attached: " + attached, attached.contains("vivid.0"));
            return 2 * SLOTS + " frames from " + source + ", attached in the kernel: " + attached;
        }
    }

    private static String attempts(Held held) {
        return held.buffer().info().lastDecision().toString();
    }

    private static List<String> attached(Held held) {
        try (var file = held.mapping().openFile()) {
            return KernelBuffers.attached(file.descriptor());
        }
    }

    /**
     * What the camera that takes anything gets, scattered memory, is what the contiguous one refuses; and the plan for
     * that one said of the scattered memory, beforehand, that it will not do.
     */
    private static String scattered(Bench bench) {
        Path any = Camera.nodes().getFirst();
        Path contiguous = Camera.nodes().get(1);
        try (Camera camera = Camera.sensor(contiguous, 1280, 720, PixelFormat.RGB24, 10, 1)) {
            long byteSize = camera.format().byteSize();
            Plan plan = bench.exporter().plan(BufferRequest.ofSize(byteSize), List.of(device(contiguous)));
            Attempt system = plan.attempts().stream()
                    .filter(attempt -> attempt.allocator().equals("system"))
                    .findFirst()
                    .orElseThrow();
            Expect.that("the plan refuses the allocator system: " + system.text(), system.failure().isPresent());
            try (Held held = Held.of(bench.exporter(), "scattered", byteSize, device(any))) {
                Expect.equal("the allocator", "system", held.mapping().allocator());
                held.lend(descriptor -> Expect.kernelRefuses("EFAULT", () -> camera.queue(0, descriptor)));
                return "memory of " + Bench.source(held.buffer()).name() + ": EFAULT; the plan said: " + system.text();
            }
        }
    }

    /** One dma-buf of two parts, which the memory service joins for allocators, is one buffer for the camera. */
    private static String list(Bench bench) {
        MemoryService service = bench.service(MemoryService.class);
        Path node = Camera.nodes().getFirst();
        List<Memory> parts = List.of(
                service.allocate(MemorySource.UDMABUF, 128 << 10, "one"),
                service.allocate(MemorySource.UDMABUF, 64 << 10, "two"));
        try (Memory joined = service.join(parts, "list");
                Camera camera = Camera.sensor(node, 320, 180, PixelFormat.RGB24, 10, 1);
                Arena arena = Arena.ofConfined()) {
            int descriptor = joined.duplicateDescriptor();
            String exporter = KernelBuffers.info(descriptor, "exp_name");
            camera.queue(0, descriptor);
            service.closeDescriptor(descriptor);
            camera.start();
            camera.next();
            joined.beginCpuAccess(CpuMode.READ);
            Bars bars = Bars.in(joined.view(0, joined.byteSize(), CpuMode.READ, arena), camera.format());
            joined.endCpuAccess(CpuMode.READ);
            return "a frame in " + joined.source() + " of two parts, a dma-buf of the kernel's " + exporter + ": " + bars;
        }
    }

    /** Whoever closes a buffer while the camera has it queued gives its memory to nobody before the stream ends. */
    private static String freedWhileQueued(Bench bench) {
        Path node = Camera.nodes().getFirst();
        int before = KernelBuffers.total().buffers();
        try (Camera camera = Camera.sensor(node, 320, 180, PixelFormat.RGB24, 10, 2)) {
            Rotation rotation = Rotation.of(bench.exporter(), camera, 2, device(node));
            rotation.buffers().forEach(Held::close);
            try (Held other = Held.of(bench.exporter(), "other", camera.format().byteSize(), device(node));
                    Held another = Held.of(bench.exporter(), "another", camera.format().byteSize(), device(node))) {
                List<Held> later = List.of(other, another);
                later.forEach(held -> Expect.equal("dirty byte of a new buffer", -1L, held.read(Bytes::firstDirty)));
                later.forEach(held -> held.write(segment -> Bytes.write(segment, held.buffer().id())));
                camera.start();
                camera.next();
                camera.next();
                later.forEach(held -> Expect.equal("byte of a new buffer that the camera wrote to", -1L,
                        held.read(segment -> Bytes.mismatch(segment, held.buffer().id()))));
                Expect.that("the kernel keeps the camera's two", KernelBuffers.total().buffers() >= before + 2);
            }
        }
        Bench.await("the end of the camera's buffers", () -> KernelBuffers.total().buffers() == before);
        return "two frames captured into buffers that were closed; two new buffers kept their bytes; all back after the stream";
    }
}
