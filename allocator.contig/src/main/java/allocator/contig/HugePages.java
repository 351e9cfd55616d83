// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.SegmentFit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Huge pages by their physical addresses. What is not in a run that was returned is closed with this. One thread. */
final class HugePages implements AutoCloseable {
    private final MemoryService memory;
    private final MemorySource source;
    private final long unit;
    private final AllocationRequest request;
    private final TreeMap<Long, Memory> pages = new TreeMap<>(Long::compareUnsigned);
    private long newest;
    private String end = "";
    private Optional<Memory> joined = Optional.empty();

    HugePages(MemoryService memory, MemorySource source, AllocationRequest request) {
        this.memory = memory;
        this.source = source;
        this.unit = memory.unit(source);
        this.request = request;
    }

    int size() {
        return pages.size();
    }

    /** Returns why there were no more, as the end of a sentence. */
    String end() {
        return end;
    }

    /** Takes one more page; false when there is none. */
    boolean takeOne() {
        Memory page;
        try {
            page = memory.allocate(source, unit, request.name());
        } catch (DmaBufException e) {
            if (e.reason() != Reason.OUT_OF_MEMORY) {
                throw e;
            }
            end = ": " + e.explanation().text();
            return false;
        }
        boolean kept = false;
        try {
            List<Segment> place = memory.physical(page).orElseThrow(() -> new DmaBufException(
                    Reason.ACCESS, "/proc/self/pagemap no longer says where huge pages lie"));
            newest = place.getFirst().address();
            pages.put(newest, page);
            kept = true;
        } finally {
            if (!kept) {
                page.close();
            }
        }
        return true;
    }

    /** Returns storage in so many neighbours around the newest page, if they are there and suit the devices. */
    Optional<Allocation> run(int count) {
        long first = newest;
        while (pages.containsKey(first - unit) && (newest - first) / unit < count - 1L) {
            first -= unit;
        }
        for (; Long.compareUnsigned(first, newest) <= 0; first += unit) {
            List<Segment> place = List.of(new Segment(first, request.storageSize()));
            if (isRow(first, count) && SegmentFit.misfit(place, request).isEmpty()) {
                return Optional.of(Allocation.verified(join(first, count), place));
            }
        }
        return Optional.empty();
    }

    private boolean isRow(long first, int count) {
        for (int i = 0; i < count; i++) {
            if (!pages.containsKey(first + i * unit)) {
                return false;
            }
        }
        return true;
    }

    /** The parts belong to what they are joined to; where that fails they are still ours. */
    private Memory join(long first, int count) {
        List<Memory> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parts.add(pages.get(first + i * unit));
        }
        Memory whole = memory.join(parts, request.name());
        joined = Optional.of(whole);
        pages.values().removeAll(parts);
        return whole;
    }

    /** Returns the length of the longest row, in pages. */
    int longest() {
        int longest = 0;
        int row = 0;
        long expected = 0;
        for (long address : pages.keySet()) {
            row = address == expected ? row + 1 : 1;
            expected = address + unit;
            longest = Math.max(longest, row);
        }
        return longest;
    }

    /** One that does not close keeps nothing else open: it is told at the end. Then nobody gets the run, so it goes too. */
    @Override
    public void close() {
        List<RuntimeException> failures = new ArrayList<>();
        pages.values().forEach(page -> close(page, failures));
        pages.clear();
        if (!failures.isEmpty()) {
            joined.ifPresent(run -> close(run, failures));
            throw failures.getFirst();
        }
    }

    private static void close(Memory memory, List<RuntimeException> failures) {
        try {
            memory.close();
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }
}
