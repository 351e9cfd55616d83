// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Addresses of which the lowest free ones are handed out. Guarded by the allocator that has it. */
final class ScriptedPool {
    /** Free pieces: first address to size. */
    private final NavigableMap<Long, Long> free = new TreeMap<>(Long::compareUnsigned);

    ScriptedPool(AddressRange range) {
        free.put(range.first(), range.byteSize());
    }

    /** Returns the lowest aligned place; throws OUT_OF_MEMORY, or FRAGMENTED when enough is free in smaller pieces. */
    Segment take(long byteSize, long alignment) {
        for (Map.Entry<Long, Long> piece : free.entrySet()) {
            long start = (piece.getKey() + alignment - 1) & -alignment;
            long skipped = start - piece.getKey();
            boolean wraps = Long.compareUnsigned(start, piece.getKey()) < 0;
            if (!wraps && Long.compareUnsigned(skipped, piece.getValue()) < 0
                    && Long.compareUnsigned(byteSize, piece.getValue() - skipped) <= 0) {
                cut(piece.getKey(), piece.getValue(), start, byteSize);
                return new Segment(start, byteSize);
            }
        }
        boolean enough = Long.compareUnsigned(byteSize, freeBytes()) <= 0;
        throw new DmaBufException(
                enough ? Reason.FRAGMENTED : Reason.OUT_OF_MEMORY,
                "no place for " + Quantity.format(byteSize) + ": free=" + Quantity.format(freeBytes())
                        + " largestFree=" + Quantity.format(largest()));
    }

    private void cut(long first, long size, long start, long taken) {
        free.remove(first);
        if (start != first) {
            free.put(first, start - first);
        }
        long rest = first + size - (start + taken);
        if (rest != 0) {
            free.put(start + taken, rest);
        }
    }

    /** Takes a piece back and joins it with its neighbours. */
    void give(Segment piece) {
        long first = piece.address();
        long size = piece.byteSize();
        Map.Entry<Long, Long> below = free.lowerEntry(first);
        if (below != null && below.getKey() + below.getValue() == first) {
            free.remove(below.getKey());
            first = below.getKey();
            size += below.getValue();
        }
        Long above = free.remove(piece.end());
        free.put(first, above == null ? size : size + above);
    }

    long freeBytes() {
        return free.values().stream().mapToLong(Long::longValue).sum();
    }

    long largest() {
        return free.values().stream().max(Long::compareUnsigned).orElse(0L);
    }
}
