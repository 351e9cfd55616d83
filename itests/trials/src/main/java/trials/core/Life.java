// SPDX-License-Identifier: Apache-2.0
package trials.core;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Mapping;
import dmabuf.api.Recycling;
import dmabuf.api.StorageFile;
import dmabuf.api.UserMapping;
import dmabuf.api.spi.Allocator;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Supplier;
import trials.Descriptors;
import trials.Row;

/**
 * The whole life of a buffer: two pools, an IOMMU, two owners, every kind of handle, a move for a late device and one
 * because an allocator leaves. A step that fails is refused with a documented error and has changed nothing, and succeeds
 * when it is tried again; what gives something up has given it up, whether it fails or not.
 */
final class Life {
    private static final int SIZE = 10_000;

    private final Wrap fault;
    private final Bench bench;
    private final Allocator high;
    private final Allocator low;
    private final MemorySegment zeroes = MemorySegment.ofArray(new byte[SIZE]);
    private int failures;

    Life(Wrap fault) {
        this.fault = fault;
        this.bench = new Bench(fault);
        this.high = bench.pool("high", 9, Bench.HIGH, Bench.MIB);
        this.low = bench.pool("low", 1, Bench.LOW, Bench.MIB);
    }

    /** Lives it; answers how many steps failed. */
    int run() {
        try (bench) {
            bench.mapper("mmu");
            bench.device("cam", "");
            bench.device("gpu", "iommu=mmu");
            bench.device("narrow", "range=0x0..0xffffffff");
            live();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(fault + ": " + e, e);
        }
        // The other one left, and is told nothing of what came back afterwards.
        Row.check(high.statistics().live() == 0, fault + ": the pool is not whole: " + high.statistics());
        return failures;
    }

    private void live() {
        recycle();
        DmaBuf frame = step(() -> bench.exporter("app").create(BufferRequest.ofSize(SIZE).withName("frame")));
        Attachment cam = step(() -> frame.attach("cam"));
        Attachment gpu = step(() -> frame.attach("gpu"));
        Mapping first = step(() -> cam.map(Direction.FROM_DEVICE));
        Mapping mapped = step(() -> gpu.map(Direction.TO_DEVICE));
        StorageFile file = step(first::openFile);
        write(frame);
        UserMapping kept = step(() -> frame.mapForUser(CpuRequest.of(CpuMode.READ)));
        read(step(kept::begin));
        end(kept::close);
        end(file::close);
        end(mapped::close);
        end(first::close);
        Attachment narrow = step(() -> frame.attach("narrow"));
        read(step(() -> frame.beginCpuAccess(CpuMode.READ)));
        step(() -> {
            frame.move();
            return frame;
        });
        DmaBuf theirs = step(() -> bench.exporter("viewer").open(frame.id()));
        end(narrow::close);
        end(() -> bench.sandbox.removeAllocator("low"));
        read(step(() -> theirs.beginCpuAccess(CpuMode.READ)));
        Mapping left = step(() -> cam.map(Direction.TO_DEVICE));
        step(left::openFile);
        step(() -> gpu.map(Direction.TO_DEVICE));
        step(() -> frame.beginCpuAccess(CpuRequest.of(CpuMode.READ_WRITE).withShared()));
        end(() -> bench.sandbox.removeOwner("app"));
        read(step(() -> theirs.beginCpuAccess(CpuMode.READ)));
        end(theirs::close);
        Row.check(bench.memory.inUse() == 0, "storage of a buffer that nobody has");
    }

    /** What one owner leaves is taken by itself and by another one, and goes with that. */
    private void recycle() {
        BufferRequest request = BufferRequest.ofSize(SIZE).withName("kept").withRecycling(Recycling.ZEROED);
        for (String owner : List.of("first", "first", "second")) {
            DmaBuf frame = step(() -> bench.exporter(owner).create(request));
            CpuAccess access = step(() -> frame.beginCpuAccess(CpuMode.READ_WRITE));
            Row.check(access.segment().mismatch(zeroes) < 0, "old bytes");
            access.segment().fill((byte) 7);
            end(access::close);
            end(frame::close);
        }
        end(() -> bench.sandbox.removeOwner("first"));
        end(() -> bench.sandbox.removeOwner("second"));
        Row.check(bench.memory.inUse() == 0, "kept storage of owners that left");
    }

    private void write(DmaBuf frame) {
        CpuAccess access = step(() -> frame.beginCpuAccess(CpuMode.WRITE));
        access.segment().fill((byte) 7);
        end(access::close);
    }

    private void read(CpuAccess access) {
        for (byte each : access.segment().toArray(ValueLayout.JAVA_BYTE)) {
            Row.check(each == 7, "a byte is lost");
        }
        end(access::close);
    }

    /** Does what may be refused. */
    private <T> T step(Supplier<T> action) {
        String before = state();
        try {
            return action.get();
        } catch (DmaBufException | OutOfMemoryError e) {
            failures++;
            String after = state();
            Row.check(before.equals(after), "after " + e + "\nbefore: " + before + "\nafter:  " + after);
            return action.get();
        }
    }

    /** Does what gives something up; once more is harmless. */
    private void end(Runnable action) {
        try {
            action.run();
        } catch (DmaBufException | OutOfMemoryError e) {
            failures++;
        }
        action.run();
    }

    /**
     * All that can be seen. The CPU mapping of a memory may stay when a first look at it failed: it is the memory's own, made
     * once, and goes with it.
     */
    private String state() {
        List<String> buffers = bench.exporter("viewer").buffers().stream().map(Life::told).toList();
        return buffers + " " + bench.memory.inUse() + " bytes, " + Descriptors.memories() + ", high " + used(high) + ", low "
                + used(low);
    }

    private static String used(Allocator pool) {
        return pool.statistics().live() + "/" + pool.statistics().largestFree();
    }

    private static String told(BufferInfo info) {
        return info.state() + " " + info.allocator() + " " + info.segments() + " references=" + info.references()
                + " accesses=" + info.cpuAccesses() + " user=" + info.userMappings() + " " + info.attachments() + " "
                + info.constraints() + " moves=" + info.moves() + " orphaned=" + info.orphaned();
    }
}
