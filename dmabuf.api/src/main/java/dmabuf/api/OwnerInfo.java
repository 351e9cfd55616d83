// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A picture of what one owner holds at one moment: a bundle from its start to its stop.
 *
 * @param name the symbolic name of the bundle
 * @param stopped whether it has stopped; then others still use buffers that it created, which cost it nothing
 * @param buffers how many living buffers it created
 * @param held how many things it has open, of each kind; a kind that is missing has none
 * @param pools what it is charged for, by allocator: storage of the buffers that it created, and files that it was handed
 * @param quotas the quotas that limit it, by name
 */
public record OwnerInfo(
        String name, boolean stopped, int buffers, Map<HoldingKind, Integer> held, List<Pool> pools,
        List<QuotaInfo> quotas) {
    /** Checks for nulls and copies the collections. */
    public OwnerInfo {
        Objects.requireNonNull(name, "name");
        held = Map.copyOf(held);
        pools = List.copyOf(pools);
        quotas = List.copyOf(quotas);
    }

    /**
     * What an owner is charged for in one pool.
     *
     * @param allocator the id of the allocator
     * @param byteSize the bytes of memory
     * @param descriptors the open files: one for each memory, and one for each that was handed out
     * @param keptByteSize the bytes of memory, among those, that are kept for the next buffer; see {@link Recycling}
     */
    public record Pool(String allocator, long byteSize, long descriptors, long keptByteSize) {
        /** Returns a pool in which nothing is kept. */
        public Pool(String allocator, long byteSize, long descriptors) {
            this(allocator, byteSize, descriptors, 0);
        }
    }

    /** Returns how many things of a kind it has open. */
    public int held(HoldingKind kind) {
        return held.getOrDefault(kind, 0);
    }

    /** Returns the bytes that it is charged for. */
    public long byteSize() {
        return pools.stream().mapToLong(Pool::byteSize).sum();
    }

    /** Returns the open files that it is charged for. */
    public long descriptors() {
        return pools.stream().mapToLong(Pool::descriptors).sum();
    }
}
