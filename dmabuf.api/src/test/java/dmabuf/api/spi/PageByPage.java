// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.Segment;
import java.util.ArrayList;
import java.util.List;

/** The rule of scattered RAM, written down a second time: every page is looked at. */
final class PageByPage {
    private static final long PAGE = 4096;

    private PageByPage() {}

    /** Returns the chunks for a request, or nothing when it cannot be served. */
    static List<Segment> search(long base, boolean[] free, AllocationRequest request) {
        List<Segment> found = new ArrayList<>();
        long missing = request.storageSize();
        long granule = request.constraints().granule();
        for (long size : new long[] {1 << 20, 64 << 10, PAGE}) {
            while (size >= granule && missing >= size && place(base, free, request, size, size, found)) {
                missing -= size;
            }
        }
        if (missing > 0 && missing < granule && place(base, free, request, missing, PAGE, found)) {
            missing = 0;
        }
        return missing == 0 && suits(found, request) ? found : List.of();
    }

    private static boolean place(
            long base, boolean[] free, AllocationRequest request, long size, long natural, List<Segment> found) {
        long step = Math.max(natural, Math.max(request.constraints().alignment(), request.constraints().granule()));
        step = found.isEmpty() ? Math.max(step, request.alignment()) : step;
        for (int page = 0; page + size / PAGE <= free.length; page++) {
            long address = base + page * PAGE;
            AddressRange range = AddressRange.ofSize(address, size);
            if (address % step == 0
                    && allFree(free, page, size)
                    && request.constraints().addressRanges().contains(range)
                    && found.stream().noneMatch(chunk -> touch(chunk, range))) {
                found.add(new Segment(address, size));
                return true;
            }
        }
        return false;
    }

    private static boolean allFree(boolean[] free, int page, long size) {
        for (int i = page; i < page + size / PAGE; i++) {
            if (!free[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean touch(Segment chunk, AddressRange range) {
        return new AddressRange(range.first() - 1, range.last() + 1).intersect(chunk.range()).isPresent();
    }

    private static boolean suits(List<Segment> found, AllocationRequest request) {
        return request.limits().stream()
                .allMatch(limits -> Long.compareUnsigned(
                                found.stream().mapToLong(limits::count).sum(), limits.maxSegments())
                        <= 0);
    }
}
