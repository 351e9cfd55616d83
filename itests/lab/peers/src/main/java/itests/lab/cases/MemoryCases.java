// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import itests.lab.Bench;
import itests.lab.Expect;
import itests.lab.LabCase;
import itests.lab.Setting;
import itests.lab.peer.KernelBuffers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Every source of memory, by itself: what comes out of it is what was asked for, and it goes back. */
final class MemoryCases {
    private static final String SYSTEM = "allocator.system";
    private static final String CONTIG = "allocator.contig";
    private static final String ONE_PIECE = "lab/one-piece";

    static final List<LabCase> ALL = List.of(
            new LabCase("heap", Needs::systemHeap, bench -> ofSystem(bench, "heap:system")),
            new LabCase("udmabuf", Needs::udmabuf, bench -> ofSystem(bench, "udmabuf")),
            new LabCase("cma", Needs::cma, bench -> ofContig(bench, "heap:reserved")),
            new LabCase("hugepages", Needs::hugePages, bench -> ofContig(bench, "hugepages+udmabuf")),
            new LabCase("cma-full", Needs::cma, MemoryCases::full),
            new LabCase("clean", Needs::systemHeap, bench -> clean(bench, "heap:system")),
            new LabCase("clean-udmabuf", Needs::udmabuf, bench -> clean(bench, "udmabuf")),
            new LabCase("rounds", Needs::systemHeap, MemoryCases::rounds),
            new LabCase("cap", Needs::systemHeap, MemoryCases::cap));

    private static final AtomicInteger SETTINGS = new AtomicInteger();

    private MemoryCases() {}

    /** Lets the allocator of system memory take one source and no other. */
    static Setting systemFrom(Bench bench, String source) {
        return named(bench, "system", name ->
                Setting.of(bench.configurations(), SYSTEM, Map.of("source", source, "name", name)));
    }

    /** Lets the allocator of contiguous memory take one source and no other. */
    static Setting contigFrom(Bench bench, String source) {
        return named(bench, "contig", name ->
                Setting.ofFactory(bench.configurations(), CONTIG, "contig", Map.of("source", source, "name", name)));
    }

    /**
     * Waits until an allocator serves as it is set, which its readable name tells: another source is a departure and an
     * arrival, between which another allocator serves.
     */
    private static Setting named(Bench bench, String id, Function<String, Setting> setting) {
        String name = "lab-" + SETTINGS.incrementAndGet();
        return setting.apply(name).inForce(
                () -> name(bench, id).filter(name::equals).isPresent(),
                () -> name(bench, id).filter(other -> !other.equals(name)).isPresent());
    }

    private static Optional<String> name(Bench bench, String id) {
        return bench.exporter().allocators().stream()
                .filter(allocator -> allocator.id().equals(id) && !allocator.standby())
                .map(AllocatorInfo::name)
                .findFirst();
    }

    private static String ofSystem(Bench bench, String source) {
        try (Setting setting = systemFrom(bench, source);
                var _ = bench.device("lab/any", "")) {
            return sizes(bench, setting, source, "lab/any");
        }
    }

    private static String ofContig(Bench bench, String source) {
        try (Setting setting = contigFrom(bench, source);
                var _ = bench.device(ONE_PIECE, "maxSegments=1 pools=contig")) {
            return sizes(bench, setting, source, ONE_PIECE);
        }
    }

    /** Odd sizes: each is clean at first sight, keeps its bytes, has its name, and is gone after. */
    private static String sizes(Bench bench, Setting setting, String source, String device) {
        awaitSource(bench, setting, source, device);
        int before = KernelBuffers.total().buffers();
        List<Long> sizes = List.of(1L, 4095L, 4096L, 5000L, (1L << 20) + 1);
        for (long size : sizes) {
            try (Held held = Held.of(bench.exporter(), "lab-" + size, size, device)) {
                tryOne(held, size);
            }
        }
        Bench.await("the end of all dma-bufs", () -> KernelBuffers.total().buffers() == before);
        return "sizes " + sizes + " from " + source + ": zero at first sight, written, read, named, gone";
    }

    private static void tryOne(Held held, long size) {
        Expect.equal("byte that is not zero at first sight", -1L, held.read(Bytes::firstDirty));
        held.write(segment -> {
            Expect.equal("bytes of the view", size, segment.byteSize());
            Bytes.write(segment, size);
        });
        Expect.equal("byte that is not as written", -1L, held.read(segment -> Bytes.mismatch(segment, size)));
        held.lend(descriptor -> {
            Expect.equal("the kernel's name of the dma-buf", "lab-" + size, KernelBuffers.info(descriptor, "name"));
            long stored = Long.parseLong(KernelBuffers.info(descriptor, "size"));
            Expect.that("the dma-buf of " + stored + " holds " + size, stored >= size && stored % 4096 == 0);
        });
    }

    /** A changed configuration takes effect in place, yet not before Configuration Admin has told of it. */
    static void awaitSource(Bench bench, Setting setting, String source, String device) {
        Bench.await(() -> {
            setting.keep();
            try (Held held = Held.of(bench.exporter(), "probe", 1 << 20, device)) {
                String came = Bench.source(held.buffer()).name();
                return came.startsWith(source) ? Optional.empty() : Optional.of("wanted " + source + ", came " + came + " with " + setting);
            } catch (DmaBufException e) {
                return Optional.of("wanted " + source + ", came " + e.getMessage() + " with " + setting);
            }
        });
    }

    /** Once the configuration has taken effect no other source stands in. */
    private static String full(Bench bench) {
        try (Setting setting = contigFrom(bench, "heap:reserved");
                var _ = bench.device(ONE_PIECE, "maxSegments=1 pools=contig")) {
            awaitSource(bench, setting, "heap:reserved", ONE_PIECE);
            KernelBuffers.Total before = KernelBuffers.total();
            String[] why = new String[1];
            Bench.await(() -> {
                try (Held held = Held.of(bench.exporter(), "too-much", 256L << 20, ONE_PIECE)) {
                    return Optional.of("256 MiB came from " + Bench.source(held.buffer()).name());
                } catch (DmaBufException e) {
                    Expect.equal("the reason", Reason.OUT_OF_MEMORY, e.reason());
                    why[0] = e.getMessage();
                    return Optional.empty();
                }
            });
            Expect.equal("dma-bufs after the refusal", before, KernelBuffers.total());
            return "256 MiB of a CMA area of 64: " + why[0].lines().findFirst().orElse("");
        }
    }

    /** Memory that passes to another buffer is zero: 32 dirty ones go back, 32 come. */
    private static String clean(Bench bench, String source) {
        long size = 256L << 10;
        try (Setting setting = systemFrom(bench, source);
                var _ = bench.device("lab/any", "")) {
            awaitSource(bench, setting, source, "lab/any");
            try (Many dirty = Many.of(bench, 32, size)) {
                dirty.buffers.forEach(held -> held.write(segment -> segment.fill((byte) 0xff)));
            }
            try (Many fresh = Many.of(bench, 32, size)) {
                fresh.buffers.forEach(held -> Expect.equal("dirty byte", -1L, held.read(Bytes::firstDirty)));
            }
            return "32 dirty buffers of " + size + " bytes freed, 32 got from " + source + ": all zero";
        }
    }

    /** Buffers that are there at the same time. */
    private record Many(List<Held> buffers) implements AutoCloseable {
        static Many of(Bench bench, int count, long size) {
            Many many = new Many(new ArrayList<>());
            for (int i = 0; i < count; i++) {
                many.buffers.add(Held.of(bench.exporter(), "many" + i, size, "lab/any"));
            }
            return many;
        }

        @Override
        public void close() {
            buffers.forEach(Held::close);
        }
    }

    /** A thousand buffers, one after the other, leave no descriptor and no dma-buf behind. */
    private static String rounds(Bench bench) {
        try (var _ = bench.device("lab/any", "")) {
            round(bench, 0); // What is made once and kept is made now.
            int descriptors = KernelBuffers.descriptors();
            KernelBuffers.Total total = KernelBuffers.total();
            for (int i = 1; i <= 1000; i++) {
                round(bench, i);
                if (i % 250 == 0) {
                    bench.progress().accept(i + " of 1000 rounds");
                }
            }
            Bench.await("the starting number of dma-bufs", () -> KernelBuffers.total().equals(total));
            Bench.await("the starting number of descriptors", () -> KernelBuffers.descriptors() <= descriptors);
            return "1000 rounds; " + total.buffers() + " dma-bufs and " + descriptors + " descriptors before and after";
        }
    }

    private static void round(Bench bench, int number) {
        try (Held held = Held.of(bench.exporter(), "round", 4096, "lab/any")) {
            held.write(segment -> segment.fill((byte) number));
            held.lend(descriptor -> Expect.equal("name", "round", KernelBuffers.info(descriptor, "name")));
        }
    }

    /** A thousand buffers of 1 MiB against a cap of 64: what is above is refused, and nobody is killed. */
    private static String cap(Bench bench) {
        List<Held> held = new ArrayList<>();
        try (var _ = Setting.of(bench.configurations(), "dmabuf.linux", Map.of("capacity", "64M"));
                var _ = bench.device("lab/any", "")) {
            awaitCap(bench);
            KernelBuffers.Total before = KernelBuffers.total();
            try {
                int refused = fill(bench, held);
                Expect.equal("buffers within the cap", 64, held.size());
                Expect.equal("buffers refused", 1000 - 64, refused);
            } finally {
                held.forEach(Held::close);
            }
            Bench.await("the end of all dma-bufs", () -> KernelBuffers.total().equals(before));
            return "64 of 1000 buffers of 1 MiB fit, the others were refused with ENOMEM";
        }
    }

    private static void awaitCap(Bench bench) {
        Bench.await("the cap of 64 MiB", () -> {
            try (var _ = Held.of(bench.exporter(), "probe", 65L << 20, "lab/any")) {
                return false;
            } catch (DmaBufException e) {
                return e.reason() == Reason.OUT_OF_MEMORY;
            }
        });
    }

    private static int fill(Bench bench, List<Held> held) {
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            try {
                held.add(Held.of(bench.exporter(), "cap" + i, 1 << 20, "lab/any"));
            } catch (DmaBufException e) {
                Expect.equal("the reason", Reason.OUT_OF_MEMORY, e.reason());
                refused++;
            }
        }
        return refused;
    }
}
