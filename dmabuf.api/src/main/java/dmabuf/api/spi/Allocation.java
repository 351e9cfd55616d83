// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.List;
import java.util.Objects;

/**
 * Storage that an allocator returned: the memory, and where it lies in CPU physical space. Immutable, compared by
 * identity. The i-th segment lies in the memory behind the segments before it.
 */
public final class Allocation {
    private final Memory memory;
    private final List<Segment> segments;
    private final long cookie;

    private Allocation(Memory memory, List<Segment> segments, long cookie) {
        this.memory = Objects.requireNonNull(memory, "memory");
        this.segments = List.copyOf(segments);
        this.cookie = cookie;
        if (this.segments.isEmpty()) {
            throw new DmaBufException(Reason.INVALID, "an allocation has at least one segment");
        }
    }

    /** Returns storage in this memory at these CPU physical segments, in order. */
    public static Allocation of(Memory memory, List<Segment> segments) {
        return new Allocation(memory, segments, 0);
    }

    /** Returns this storage with a number by which its allocator recognises it. */
    public Allocation withCookie(long value) {
        return new Allocation(memory, segments, value);
    }

    /** Returns the same memory at other segments, with the same cookie. */
    public Allocation movedTo(List<Segment> places) {
        return new Allocation(memory, places, cookie);
    }

    /** Returns the memory. */
    public Memory memory() {
        return memory;
    }

    /** Returns the segments in CPU physical space, in the order of the memory. */
    public List<Segment> segments() {
        return segments;
    }

    /** Returns the allocator's number; 0 unless set. */
    public long cookie() {
        return cookie;
    }

    /** Returns the bytes of all segments together. */
    public long byteSize() {
        return segments.stream().mapToLong(Segment::byteSize).sum();
    }
}
