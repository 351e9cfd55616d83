// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import java.util.Set;

/**
 * What the buffer itself asks for: given, and never blamed.
 *
 * @param byteSize the size in bytes as asked for, at least 1
 * @param pageSize the page size in bytes, a power of two
 * @param alignment the alignment of the first CPU address in bytes, a power of two
 * @param flags the flags of the buffer
 */
public record Demand(long byteSize, long pageSize, long alignment, Set<String> flags) {
    /** Copies the set. */
    public Demand {
        flags = Set.copyOf(flags);
    }

    /** Returns the demand of a size. */
    public static Demand of(long byteSize, long pageSize, long alignment, Set<String> flags) {
        return new Demand(byteSize, pageSize, alignment, flags);
    }

    /** Returns the size rounded up to pages, unsigned: 2^63-1 becomes 2^63. */
    public long storageSize() {
        return (byteSize + pageSize - 1) & -pageSize;
    }
}
