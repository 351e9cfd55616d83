// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressKnowledge;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Storage that an allocator returned: the memory, and what is known of its place in CPU physical space. Immutable,
 * compared by identity. Placed storage has segments: the i-th lies in the memory behind those before it. Unplaced
 * storage has a promise: it serves a device only if it would wherever it lies.
 */
public final class Allocation {
    private final Memory memory;
    private final List<Segment> segments;
    private final Optional<PlacementPromise> promise;
    private final long byteSize;
    private final AddressKnowledge knowledge;
    private final long cookie;

    private Allocation(
            Memory memory, List<Segment> segments, Optional<PlacementPromise> promise, long byteSize,
            AddressKnowledge knowledge, long cookie) {
        this.memory = Objects.requireNonNull(memory, "memory");
        this.segments = List.copyOf(segments);
        this.promise = promise;
        this.byteSize = byteSize;
        this.knowledge = knowledge;
        this.cookie = cookie;
    }

    /** Returns storage in this memory at these CPU physical segments of the board model, in order. */
    public static Allocation of(Memory memory, List<Segment> segments) {
        return placed(memory, segments, AddressKnowledge.MODEL, 0);
    }

    /** Returns storage in this memory at these CPU physical segments, which /proc/self/pagemap told, in order. */
    public static Allocation verified(Memory memory, List<Segment> segments) {
        return placed(memory, segments, AddressKnowledge.PAGEMAP, 0);
    }

    private static Allocation placed(Memory memory, List<Segment> segments, AddressKnowledge knowledge, long cookie) {
        if (segments.isEmpty()) {
            throw new DmaBufException(Reason.INVALID, "an allocation has at least one segment");
        }
        long sum = 0;
        for (Segment segment : segments) {
            sum += segment.byteSize();
        }
        return new Allocation(memory, segments, Optional.empty(), sum, knowledge, cookie);
    }

    /**
     * Returns storage in this memory whose addresses the kernel alone knows.
     *
     * @param byteSize the bytes of the memory that are the storage, from its beginning
     * @param promise what is known of them
     */
    public static Allocation unplaced(Memory memory, long byteSize, PlacementPromise promise) {
        boolean inPieces = Long.compareUnsigned(promise.pieceSize(), byteSize) < 0;
        return new Allocation(
                memory, List.of(), Optional.of(promise), byteSize,
                inPieces ? AddressKnowledge.UNKNOWN : AddressKnowledge.PROMISED, 0);
    }

    /** Returns this storage with a number by which its allocator recognises it. */
    public Allocation withCookie(long value) {
        return new Allocation(memory, segments, promise, byteSize, knowledge, value);
    }

    /** Returns the same memory at other segments, known in the same way, with the same cookie. */
    public Allocation movedTo(List<Segment> places) {
        return placed(memory, places, knowledge, cookie);
    }

    /** Returns the memory. */
    public Memory memory() {
        return memory;
    }

    /** Returns the segments in CPU physical space, in the order of the memory; empty for unplaced storage. */
    public List<Segment> segments() {
        return segments;
    }

    /** Returns the promise of unplaced storage; empty for placed storage. */
    public Optional<PlacementPromise> promise() {
        return promise;
    }

    /** Returns how the addresses are known. */
    public AddressKnowledge knowledge() {
        return knowledge;
    }

    /** Returns the allocator's number; 0 unless set. */
    public long cookie() {
        return cookie;
    }

    /** Returns the bytes of the storage: of all segments together, where it is placed. */
    public long byteSize() {
        return byteSize;
    }
}
