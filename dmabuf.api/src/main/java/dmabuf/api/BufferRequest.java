// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a new buffer shall be. Immutable; changed copies by the {@code with} methods, each of which refuses a value
 * outside its domain with INVALID.
 */
public final class BufferRequest {
    /** The longest name in bytes of UTF-8; the kernel's DMA_BUF_NAME_LEN is 32 with its terminator. */
    public static final int MAX_NAME_BYTES = 31;

    private final long byteSize;
    private final long alignment;
    private final Set<String> flags;
    private final boolean readOnly;
    private final Optional<String> name;
    private final Group group;
    private final LatePolicy latePolicy;
    private final Duration patience;
    private final boolean waitsForAllocator;
    private final Recycling recycling;

    /** The devices for which a map waits, and how long. */
    private record Group(List<String> expected, List<String> optional, Optional<Duration> within) {
        static final Group NONE = new Group(List.of(), List.of(), Optional.empty());

        Group withExpected(Collection<String> value) {
            return new Group(List.copyOf(value), optional, within);
        }

        Group withOptional(Collection<String> value) {
            return new Group(expected, List.copyOf(value), within);
        }

        Group within(Duration value) {
            return new Group(expected, optional, Optional.of(value));
        }
    }

    private BufferRequest(
            long byteSize, long alignment, Set<String> flags, boolean readOnly, Optional<String> name,
            Group group, LatePolicy latePolicy, Duration patience, boolean waitsForAllocator, Recycling recycling) {
        this.byteSize = byteSize;
        this.alignment = alignment;
        this.flags = flags;
        this.readOnly = readOnly;
        this.name = name;
        this.group = group;
        this.latePolicy = latePolicy;
        this.patience = patience;
        this.waitsForAllocator = waitsForAllocator;
        this.recycling = recycling;
    }

    /**
     * Returns a request for this many bytes.
     *
     * @throws DmaBufException INVALID when the size is not at least 1
     */
    public static BufferRequest ofSize(long byteSize) {
        if (byteSize <= 0) {
            throw invalid("size=" + byteSize + " is not allowed: a buffer has at least 1 byte, at most 2^63-1");
        }
        return new BufferRequest(
                byteSize, 1, Set.of(), false, Optional.empty(), Group.NONE, LatePolicy.MOVE, Duration.ZERO, false,
                Recycling.NONE);
    }

    /** Returns this request with an alignment of the storage's first CPU address; INVALID when no power of two. */
    public BufferRequest withAlignment(long value) {
        if (Long.bitCount(value) != 1) {
            throw invalid("align=" + Quantity.hex(value) + " is not a power of two");
        }
        return new BufferRequest(
                byteSize, value, flags, readOnly, name, group, latePolicy, patience, waitsForAllocator, recycling);
    }

    /** Returns this request with the given flags; see {@link BufferFlags}. */
    public BufferRequest withFlags(Collection<String> value) {
        if (value.contains(BufferFlags.CACHED) && value.contains(BufferFlags.WRITE_COMBINE)) {
            throw invalid("flags CACHED and WRITE_COMBINE exclude each other: give one");
        }
        return new BufferRequest(
                byteSize, alignment, Set.copyOf(value), readOnly, name, group, latePolicy, patience,
                waitsForAllocator, recycling);
    }

    /** Returns this request in read-only mode: the CPU's views are read-only; devices are not restricted. */
    public BufferRequest withReadOnly(boolean value) {
        return new BufferRequest(
                byteSize, alignment, flags, value, name, group, latePolicy, patience, waitsForAllocator, recycling);
    }

    /** Returns this request with a name of 1 to 31 bytes; without one the creator's bundle gives the name. */
    public BufferRequest withName(String value) {
        int length = value.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > MAX_NAME_BYTES) {
            throw invalid("name '" + value + "' has " + length + " bytes: allowed are 1 to " + MAX_NAME_BYTES);
        }
        return new BufferRequest(
                byteSize, alignment, flags, readOnly, Optional.of(value), group, latePolicy, patience,
                waitsForAllocator, recycling);
    }

    /** Returns this request with the devices that must have attached before the first map or CPU access. */
    public BufferRequest withExpectedDevices(Collection<String> value) {
        return new BufferRequest(
                byteSize, alignment, flags, readOnly, name, group.withExpected(value), latePolicy, patience,
                waitsForAllocator, recycling);
    }

    /**
     * Returns this request with devices that the first map or CPU access waits for, too, but only as long as
     * {@link #withReadyWithin} says: then the buffer goes on without those that are missing, says so, and lists them as
     * left out. They may attach later like any other device. Without that time nobody waits for them.
     */
    public BufferRequest withOptionalDevices(Collection<String> value) {
        return new BufferRequest(
                byteSize, alignment, flags, readOnly, name, group.withOptional(value), latePolicy, patience,
                waitsForAllocator, recycling);
    }

    /**
     * Returns this request with the time, from the creation of the buffer, in which the expected and the optional devices
     * shall have attached. When it is over, also when nobody maps, expected ones that are missing are reported once, in
     * the log and as {@link EventKind#BUFFER_OVERDUE}, and are still expected. Unset by default: nobody is reported.
     * INVALID when negative.
     */
    public BufferRequest withReadyWithin(Duration value) {
        if (value.isNegative()) {
            throw invalid("within=" + value.toMillis() + " ms is negative");
        }
        return new BufferRequest(
                byteSize, alignment, flags, readOnly, name, group.within(value), latePolicy, patience,
                waitsForAllocator, recycling);
    }

    /** Returns this request with a policy for late attaches; the default is {@link LatePolicy#MOVE}. */
    public BufferRequest withLatePolicy(LatePolicy value) {
        return new BufferRequest(
                byteSize, alignment, flags, readOnly, name, group, value, patience, waitsForAllocator, recycling);
    }

    /**
     * Returns this request with the time that a map or CPU access waits for expected devices or an allocator; the
     * default is {@link Duration#ZERO}: refused at once. Another thread's first map is waited for as long, and at least
     * as long as the runtime lets foreign code take. INVALID when negative.
     */
    public BufferRequest withPatience(Duration value) {
        if (value.isNegative()) {
            throw invalid("wait=" + value.toMillis() + " ms is negative");
        }
        return new BufferRequest(
                byteSize, alignment, flags, readOnly, name, group, latePolicy, value, waitsForAllocator, recycling);
    }

    /** Returns this request for a buffer that waits for an allocator to come: no attach is refused for lack of one. */
    public BufferRequest withWaitsForAllocator(boolean value) {
        return new BufferRequest(
                byteSize, alignment, flags, readOnly, name, group, latePolicy, patience, value, recycling);
    }

    /**
     * Returns this request with what becomes of the storage when the buffer is released, and whether it may be that of an
     * earlier buffer; the default is {@link Recycling#NONE}. The buffers of a set are kept by the set: there it has no
     * effect.
     */
    public BufferRequest withRecycling(Recycling value) {
        return new BufferRequest(
                byteSize, alignment, flags, readOnly, name, group, latePolicy, patience, waitsForAllocator, value);
    }

    /** Returns the size in bytes, at least 1. */
    public long byteSize() {
        return byteSize;
    }

    /** Returns the alignment of the storage's first CPU address in bytes. */
    public long alignment() {
        return alignment;
    }

    /** Returns the flags. */
    public Set<String> flags() {
        return flags;
    }

    /** Returns whether the CPU's views are read-only. */
    public boolean isReadOnly() {
        return readOnly;
    }

    /** Returns the name, or empty for that of the creator's bundle. */
    public Optional<String> name() {
        return name;
    }

    /** Returns the expected devices; empty when none are named. */
    public List<String> expectedDevices() {
        return group.expected();
    }

    /** Returns the devices that are waited for until {@link #readyWithin()} is over; empty when none are named. */
    public List<String> optionalDevices() {
        return group.optional();
    }

    /** Returns in what time from the creation the named devices shall have attached; empty when unset. */
    public Optional<Duration> readyWithin() {
        return group.within();
    }

    /** Returns the late policy. */
    public LatePolicy latePolicy() {
        return latePolicy;
    }

    /** Returns how long a map or CPU access waits. */
    public Duration patience() {
        return patience;
    }

    /** Returns whether the buffer waits for an allocator to come. */
    public boolean waitsForAllocator() {
        return waitsForAllocator;
    }

    /** Returns what becomes of the storage when the buffer is released. */
    public Recycling recycling() {
        return recycling;
    }

    private static DmaBufException invalid(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }
}
