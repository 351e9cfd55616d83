// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.List;
import java.util.OptionalLong;

/**
 * A scatter-gather table: the ordered segments of a buffer in one device's own addresses. Every device gets its own
 * table, cut from the same storage by its own limits. Immutable.
 *
 * @param segments the segments, at least one
 */
public record SgTable(List<Segment> segments) {
    /** Copies the list. */
    public SgTable {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("a table has at least one segment");
        }
    }

    /** Returns whether the table has one entry. */
    public boolean isContiguous() {
        return segments.size() == 1;
    }

    /** Returns the address of the only segment, or empty when there are several; there is no other physical query. */
    public OptionalLong contiguousAddress() {
        return isContiguous() ? OptionalLong.of(segments.getFirst().address()) : OptionalLong.empty();
    }

    /** Returns the bytes of all segments together. */
    public long byteSize() {
        return segments.stream().mapToLong(Segment::byteSize).sum();
    }
}
