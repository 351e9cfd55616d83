// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import dmabuf.api.CpuMode;
import dmabuf.api.Reason;
import dmabuf.api.spi.IommuService;
import dmabuf.api.spi.IommuSpace;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import itests.lab.Bench;
import itests.lab.Expect;
import itests.lab.LabCase;
import itests.lab.Setting;
import itests.lab.peer.Camera;
import itests.lab.peer.Engine;
import itests.lab.peer.PixelFormat;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A DMA engine that drops all but 28 bits of an address reads and writes buffers of ours. */
final class EngineCases {
    private static final String ENGINE = "(family=edu)";
    private static final long REACH = 1L << 28;
    private static final int HALF = 8 << 10;

    static final List<LabCase> ALL = List.of(
            new LabCase("engine", () -> Needs.engine().or(Needs::iommu), EngineCases::throughIommu),
            new LabCase("chain", () -> Needs.engine().or(Needs::iommu).or(() -> Needs.cameras(1)), EngineCases::chain),
            new LabCase("mask", () -> Needs.engine().or(Needs::iommu), EngineCases::mask),
            new LabCase("mask-full", () -> Needs.engine().or(Needs::iommu), EngineCases::full),
            new LabCase("engine-bare", () -> Needs.engine().or(Needs::noIommu).or(Needs::hugePages), EngineCases::bare));

    private EngineCases() {}

    @FunctionalInterface
    private interface Use {
        String with(Engine engine, IommuSpace space) throws IOException;
    }

    private static String driven(Bench bench, Use use) throws IOException {
        String address = Engine.address().orElseThrow();
        String group = Files.readSymbolicLink(Path.of("/sys/bus/pci/devices", address, "iommu_group"))
                .getFileName()
                .toString();
        try (IommuSpace space = bench.service(IommuService.class).open(group);
                Engine engine = Engine.ofVfio(space.device(address).descriptor())) {
            return use.with(engine, space) + " (" + space.source() + ")";
        }
    }

    /** Returns where the engine sees the first byte of a buffer: in one piece, and below its limit. */
    private static long address(Held held, long byteSize) {
        long at = held.mapping().table().contiguousAddress().orElseThrow();
        Expect.that(Long.toHexString(at) + " is within the reach of the engine", at >= 0 && at + byteSize <= REACH);
        return at;
    }

    private static String throughIommu(Bench bench) throws IOException {
        return driven(bench, (engine, _) -> {
            try (Held held = Held.of(bench.exporter(), "engine", 2 * HALF, ENGINE)) {
                Expect.equal("the allocator", "iommu", held.mapping().allocator());
                return halves(engine, held);
            }
        });
    }

    /** The engine copies the first half of a buffer to the second. */
    private static String halves(Engine engine, Held held) {
        long at = address(held, 2 * HALF);
        held.write(segment -> {
            Bytes.write(segment.asSlice(0, HALF), 5);
            segment.asSlice(HALF).fill((byte) 0xee);
        });
        engine.copy(at, at + HALF, HALF);
        Expect.equal("byte of the second half that is not as in the first", -1L,
                held.read(segment -> Bytes.mismatch(segment.asSlice(HALF), 5)));
        Expect.equal("byte of the first half that changed", -1L,
                held.read(segment -> Bytes.mismatch(segment.asSlice(0, HALF), 5)));
        return HALF + " bytes out and in at 0x" + Long.toHexString(at) + " of " + Bench.source(held.buffer()).name();
    }

    /** What the camera wrote is what the engine reads, from one buffer of ours that both have. */
    private static String chain(Bench bench) throws IOException {
        Path node = Camera.nodes().getFirst();
        return driven(bench, (engine, _) -> {
            try (Camera camera = Camera.sensor(node, 320, 180, PixelFormat.RGB24, 10, 2);
                    Rotation rotation = Rotation.of(bench.exporter(), camera, 2, ENGINE, CameraCases.device(node));
                    Held target = Held.of(bench.exporter(), "target", Engine.MOST, ENGINE)) {
                camera.start();
                Rotation.Frame frame = rotation.next();
                camera.stop();
                Held source = rotation.buffer(frame.shot().slot());
                long from = address(source, camera.format().byteSize());
                long to = address(target, Engine.MOST);
                long last = (long) camera.format().byteSize() - Engine.MOST;
                for (long offset : List.of(0L, last / 2, last)) {
                    engine.copy(from + offset, to, Engine.MOST);
                    Expect.equal("byte that is not the camera's", -1L, differs(source, offset, target));
                }
                return "a frame of the camera, " + frame.bars() + ", read by the engine at 0x" + Long.toHexString(from)
                        + " of " + Bench.source(source.buffer()).name();
            }
        });
    }

    private static long differs(Held source, long offset, Held target) {
        return source.read(frame -> target.read(copy ->
                MemorySegment.mismatch(frame, offset, offset + Engine.MOST, copy, 0, Engine.MOST)));
    }

    /**
     * Without negotiation: memory that is mapped by hand above the engine's reach. The engine, told to write there, writes
     * into the buffer of somebody else, whose address has the same lower 28 bits.
     */
    private static String mask(Bench bench) throws IOException {
        return driven(bench, (engine, space) -> {
            try (Held victim = Held.of(bench.exporter(), "victim", 4096, ENGINE);
                    Held source = Held.of(bench.exporter(), "source", 4096, ENGINE);
                    Memory high = bench.service(MemoryService.class).allocate(MemorySource.MEMFD, 4096, "high")) {
                long at = address(victim, 4096);
                space.map(high, 0, 4096, at + REACH);
                victim.write(segment -> segment.fill((byte) 0x11));
                source.write(segment -> segment.fill((byte) 0x77));
                engine.load(address(source, 4096), 1024);
                engine.store(at + REACH, 1024);
                Expect.equal("byte of the victim that is not overwritten", 1024L, first(victim, (byte) 0x77));
                Expect.equal("dirty byte at the address that was meant", -1L, firstDirty(high));
                space.unmap(at + REACH, 4096);
                return "told to write to 0x" + Long.toHexString(at + REACH) + " it wrote to the buffer at 0x"
                        + Long.toHexString(at);
            }
        });
    }

    private static long firstDirty(Memory memory) {
        try (Arena arena = Arena.ofConfined()) {
            return Bytes.firstDirty(memory.view(0, memory.byteSize(), CpuMode.READ, arena));
        }
    }

    /** Returns the offset of the first byte that is another one. */
    private static long first(Held held, byte value) {
        return held.read(segment -> {
            MemorySegment same = Arena.ofAuto().allocate(segment.byteSize()).fill(value);
            return segment.mismatch(same);
        });
    }

    /** With negotiation: where the engine's reach is used up a buffer is refused; none lies above. */
    private static String full(Bench bench) {
        long size = 64L << 20;
        List<Held> held = new ArrayList<>();
        try {
            String why = Expect.refused(
                    () -> {
                        while (held.size() * size <= REACH) {
                            held.add(Held.of(bench.exporter(), "full" + held.size(), size, ENGINE));
                            address(held.getLast(), size);
                        }
                    },
                    Reason.OUT_OF_MEMORY, Reason.FRAGMENTED, Reason.NO_ALLOCATOR);
            return held.size() + " buffers of 64 MiB lie below 0x10000000; then: "
                    + why.lines().findFirst().orElse("");
        } finally {
            held.forEach(Held::close);
        }
    }

    /** Without an IOMMU: huge pages below 256 MiB, found by pagemap. */
    private static String bare(Bench bench) {
        try (Engine engine = Engine.ofSysfs(Engine.address().orElseThrow());
                Setting setting = MemoryCases.contigFrom(bench, "hugepages")) {
            MemoryCases.awaitSource(bench, setting, "hugepages", ENGINE);
            try (Held held = Held.of(bench.exporter(), "bare", 2 * HALF, ENGINE)) {
                return halves(engine, held) + ", segments " + held.buffer().info().segments();
            }
        }
    }
}
