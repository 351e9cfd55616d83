// SPDX-License-Identifier: Apache-2.0
package doubles;

import dmabuf.api.AddressRange;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.PlacementPromise;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;

/** Whether storage suits every device of a request, worked out step by step. */
public final class Verification {
    private Verification() {}

    /** Throws an AssertionError that says what is wrong. */
    public static void verify(Allocation allocation, AllocationRequest request) {
        if (allocation.promise().isPresent()) {
            verify(allocation.promise().get(), request);
            return;
        }
        List<Segment> runs = runs(allocation.segments());
        check(allocation.byteSize() == request.storageSize(), "length of " + allocation.segments());
        check(allocation.memory().byteSize() >= request.storageSize(), "memory of " + allocation.memory().byteSize());
        check(runs.getFirst().address() % request.alignment() == 0, "alignment of " + runs);
        for (Segment run : runs) {
            AddressRange range = run.range();
            check(request.constraints().addressRanges().contains(range), run + " is out of reach");
        }
        checkUnits(runs, SegmentLimits.of(request.constraints()));
        for (Participant device : request.devices()) {
            if (device.path().iommu().isEmpty()) {
                checkTable(device, runs);
            }
        }
    }

    private static void verify(PlacementPromise promise, AllocationRequest request) {
        check(promise.alignment() >= request.alignment(), "alignment of " + promise);
        for (Participant device : request.devices()) {
            boolean direct = device.path().iommu().isEmpty();
            check(!direct || promise.unsuited(device, request.storageSize()).isEmpty(), promise + " for " + device);
        }
    }

    /** Counts a device's entries for one piece, address by address. */
    public static long entries(Segment piece, SegmentLimits limits) {
        return cut(List.of(piece), limits).size();
    }

    private static void checkTable(Participant device, List<Segment> runs) {
        SegmentLimits limits = SegmentLimits.of(device.path().constraints());
        List<Segment> table = cut(runs, limits);
        checkUnits(table, limits);
        check(Long.compareUnsigned(table.size(), limits.maxSegments()) <= 0, device + " gets " + table);
    }

    private static void checkUnits(List<Segment> table, SegmentLimits limits) {
        for (int i = 0; i < table.size(); i++) {
            check((table.get(i).address() & (limits.unit() - 1)) == 0, table.get(i) + " is not aligned for " + limits);
            boolean last = i == table.size() - 1;
            boolean whole = (table.get(i).byteSize() & (limits.granule() - 1)) == 0;
            check(last || whole, table.get(i) + " breaks the granule");
        }
    }

    private static List<Segment> cut(List<Segment> runs, SegmentLimits limits) {
        List<Segment> table = new ArrayList<>();
        for (Segment run : runs) {
            long address = run.address();
            long left = run.byteSize();
            while (left > 0) {
                long step = left;
                if (Long.compareUnsigned(limits.pieceSize(), step) < 0) {
                    step = limits.pieceSize();
                }
                if (limits.boundary() != -1L) {
                    step = Math.min(step, limits.boundary() - (address & (limits.boundary() - 1)));
                }
                table.add(new Segment(address, step));
                address += step;
                left -= step;
            }
        }
        return table;
    }

    private static List<Segment> runs(List<Segment> segments) {
        List<Segment> runs = new ArrayList<>();
        for (Segment segment : segments) {
            if (!runs.isEmpty() && runs.getLast().end() == segment.address()) {
                Segment before = runs.removeLast();
                runs.add(new Segment(before.address(), before.byteSize() + segment.byteSize()));
            } else {
                runs.add(segment);
            }
        }
        return runs;
    }

    private static void check(boolean right, String what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }
}
