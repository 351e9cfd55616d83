// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What an allocator keeps of a pool of addresses: what is free, which storage is out, and the figures. Not safe for
 * several threads: its owner guards it.
 */
public final class PoolBooks {
    private final FreeSpace free;
    private final long size;
    private final Map<Long, List<Segment>> live = new HashMap<>();
    private long lastCookie;
    private long used;
    private long highWater;
    private long failed;
    private long failedByFragmentation;

    private PoolBooks(AddressRanges pool) {
        free = FreeSpace.of(pool);
        size = free.byteSize();
    }

    /** Returns the books of a pool of which nothing is out. */
    public static PoolBooks of(AddressRanges pool) {
        return new PoolBooks(pool);
    }

    /** Returns what is free, for looking; it changes with the books. */
    public FreeSpace free() {
        return free;
    }

    /**
     * Books free segments as one storage.
     *
     * @return the number by which {@link #close} and {@link #move} know it
     * @throws IllegalStateException when they are not free; nothing changes then
     */
    public long open(List<Segment> segments) {
        takeAll(segments);
        live.put(++lastCookie, List.copyOf(segments));
        used += byteSize(segments);
        highWater = Math.max(highWater, used);
        return lastCookie;
    }

    /** Books storage as returned; harmless when it is not out. */
    public void close(long cookie) {
        List<Segment> segments = live.remove(cookie);
        if (segments != null) {
            segments.forEach(segment -> free.give(segment.range()));
            used -= byteSize(segments);
        }
    }

    /**
     * Lets storage be placed anew, as if its place were free.
     *
     * @param search answers segments of the same size, or empty to leave the storage where it is; during a compaction
     *     the place to ask {@link CompactionRequest#move} for what was found
     * @return where it lies now
     * @throws IllegalStateException when it is not out, or its new place is not free; nothing changes then
     */
    public List<Segment> move(long cookie, Function<FreeSpace, Optional<List<Segment>>> search) {
        List<Segment> from = live.get(cookie);
        if (from == null) {
            throw new IllegalStateException("storage " + cookie + " is not out");
        }
        from.forEach(segment -> free.give(segment.range()));
        List<Segment> to;
        try {
            to = List.copyOf(search.apply(free).orElse(from));
            takeAll(to);
        } catch (RuntimeException e) {
            takeAll(from);
            throw e;
        }
        live.put(cookie, to);
        return to;
    }

    /** Returns where storage lies; empty when it is not out. */
    public List<Segment> segments(long cookie) {
        return live.getOrDefault(cookie, List.of());
    }

    /**
     * Returns the refusal of a request for which there is no place: OUT_OF_MEMORY when less than that is free in the
     * whole pool, else FRAGMENTED. It does not count as failed before {@link #failed} is told.
     *
     * @param byteSize the size that was asked for
     * @param heldByOthers how much of what is free here was found to be claimed by others over the same RAM, in bytes
     * @param why what is in the way although enough is free
     */
    public DmaBufException refusal(long byteSize, long heldByOthers, String why) {
        String figures = Quantity.format(byteSize) + " asked, " + Quantity.format(free.byteSize()) + " of "
                + Quantity.format(size) + " free"
                + (heldByOthers == 0 ? "" : ", " + Quantity.format(heldByOthers) + " of it held by other allocators");
        boolean enough = Long.compareUnsigned(byteSize, free.byteSize() - heldByOthers) <= 0;
        return enough
                ? new DmaBufException(Reason.FRAGMENTED, figures + ", but " + why)
                : new DmaBufException(Reason.OUT_OF_MEMORY, figures);
    }

    /** Counts a request that failed, for whatever reason. */
    public void failed(Throwable why) {
        failed++;
        failedByFragmentation += isFragmented(why) ? 1 : 0;
    }

    /** Takes back one count of a request that failed by fragmentation, because it will be tried again. */
    public void retried() {
        failed--;
        failedByFragmentation--;
    }

    /** Returns the figures. */
    public AllocatorStatistics statistics() {
        return new AllocatorStatistics(
                live.size(), used, free.byteSize(), free.largest(), highWater, failed, failedByFragmentation);
    }

    private void takeAll(List<Segment> segments) {
        int taken = 0;
        try {
            for (Segment segment : segments) {
                free.take(segment.range());
                taken++;
            }
        } catch (IllegalStateException e) {
            segments.subList(0, taken).forEach(segment -> free.give(segment.range()));
            throw e;
        }
    }

    private static boolean isFragmented(Throwable why) {
        return why instanceof DmaBufException refusal && refusal.reason() == Reason.FRAGMENTED;
    }

    private static long byteSize(List<Segment> segments) {
        return segments.stream().mapToLong(Segment::byteSize).sum();
    }
}
