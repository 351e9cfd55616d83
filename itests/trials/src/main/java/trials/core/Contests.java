// SPDX-License-Identifier: Apache-2.0
package trials.core;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.StorageFile;
import dmabuf.api.UserMapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import trials.Row;

/** The pairs of operations, each on new objects whenever it is set up. */
final class Contests {
    private static final int SIZE = 3 * 4096;

    private final Bench bench;
    private final AtomicInteger owners = new AtomicInteger();

    Contests(Bench bench) {
        this.bench = bench;
        bench.pool("pool", 0, Bench.LOW, 16 * Bench.MIB);
        bench.device("cam", "");
    }

    /** Returns all of them, by what is ended and how it is used. */
    Map<String, Supplier<Contest>> all() {
        Map<String, Supplier<Contest>> all = new LinkedHashMap<>();
        all.put("reference closed, access begun", this::reference);
        all.put("device detached, mapped", this::attachment);
        all.put("unmapped, table and file read", this::mapping);
        all.put("shared access ended, bytes written and read", this::access);
        all.put("user mapping closed, begun", this::userMapping);
        all.put("owner stopped, everything", this::owner);
        return all;
    }

    private static DmaBuf frame(Exporter exporter) {
        return exporter.create(BufferRequest.ofSize(SIZE));
    }

    private Contest reference() {
        DmaBuf frame = frame(bench.exporter("app"));
        DmaBuf other = bench.exporter("viewer").open(frame.id()); // So that the buffer goes on.
        return Contest.of(frame::close, () -> touch(frame.beginCpuAccess(CpuMode.READ_WRITE), false), other::close);
    }

    private Contest attachment() {
        DmaBuf frame = frame(bench.exporter("app"));
        Attachment cam = frame.attach("cam");
        return Contest.of(cam::close, () -> look(cam.map(Direction.TO_DEVICE)), () -> {
            cam.close();
            frame.close();
        }).whereCloseMayBe(Reason.BUSY);
    }

    private Contest mapping() {
        DmaBuf frame = frame(bench.exporter("app"));
        Attachment cam = frame.attach("cam");
        Mapping mapping = cam.map(Direction.FROM_DEVICE);
        return Contest.of(mapping::close, () -> {
            Row.check(mapping.table().byteSize() == SIZE, "a wrong table: " + mapping.table());
            StorageFile file = mapping.openFile();
            Row.check(file.descriptor() >= 0 && file.extents().size() == 1, "a wrong file");
            file.close();
        }, () -> {
            cam.close();
            frame.close();
        });
    }

    private Contest access() {
        DmaBuf frame = frame(bench.exporter("app"));
        CpuAccess access = frame.beginCpuAccess(CpuRequest.of(CpuMode.READ_WRITE).withShared());
        access.segment().fill((byte) 7);
        return Contest.of(access::close, () -> read(access.segment(), false), frame::close).whereTheSegmentMayDie();
    }

    private Contest userMapping() {
        DmaBuf frame = frame(bench.exporter("app"));
        UserMapping kept = frame.mapForUser(CpuRequest.of(CpuMode.READ_WRITE));
        return Contest.of(kept::close, () -> touch(kept.begin(), false), frame::close);
    }

    private Contest owner() {
        String name = "owner" + owners.incrementAndGet();
        Exporter exporter = bench.exporter(name);
        DmaBuf shared = frame(exporter);
        Attachment cam = shared.attach("cam");
        Runnable use = () -> {
            touch(shared.beginCpuAccess(CpuRequest.of(CpuMode.READ_WRITE).withShared()), true);
            Mapping mapping = cam.map(Direction.TO_DEVICE);
            mapping.openFile().descriptor();
            mapping.table();
            mapping.close();
            frame(exporter).attach("cam").map(Direction.BIDIRECTIONAL);
        };
        return Contest.of(() -> bench.sandbox.removeOwner(name), use, () -> bench.sandbox.removeOwner(name))
                .whereTheSegmentMayDie();
    }

    private static void look(Mapping mapping) {
        Row.check(mapping.table().byteSize() == SIZE, "a wrong table: " + mapping.table());
        mapping.close();
    }

    private static void touch(CpuAccess access, boolean mayEnd) {
        try {
            MemorySegment segment = access.segment();
            segment.fill((byte) 7);
            read(segment, mayEnd);
        } finally {
            access.close();
        }
    }

    /** Nobody writes anything but sevens; after an end by force there may be zeroes. */
    private static void read(MemorySegment segment, boolean mayEnd) {
        for (long at = 0; at < SIZE; at += 512) {
            byte found = segment.get(ValueLayout.JAVA_BYTE, at);
            Row.check(found == 7 || (mayEnd && found == 0), "a wrong byte: " + found);
            segment.set(ValueLayout.JAVA_BYTE, at, (byte) 7);
        }
    }
}
