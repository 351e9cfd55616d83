// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What memory a device can use, as an algebra. Immutable.
 *
 * <p>Every field has a neutral value, and unset always means neutral: the kernel's 64 KiB segment size and 32-bit mask
 * are facts that a board or driver states, no defaults here. Combining is commutative, associative and idempotent,
 * {@link #NEUTRAL} is its identity, and the result is never laxer than a part. Each accessor states how its field
 * combines. The limits of segments combine to a <em>summary</em>: storage is tested against each device on its own.
 *
 * <p>All numbers are unsigned 64-bit. {@link #toString()} and {@link #parse(String)} are inverse.
 */
public final class DmaConstraints {
    /** No constraint at all: the identity of {@link #combine}. */
    public static final DmaConstraints NEUTRAL = builder().build();

    /** The largest unsigned number: unlimited, all ones. */
    static final long UNLIMITED = -1L;

    private final AddressRanges ranges;
    private final long alignment;
    private final long maxSegments;
    private final long maxSegmentSize;
    private final long boundary;
    private final long granule;
    private final long divisor;
    private final long minSize;
    private final long maxSize;
    private final long statedMask;
    private final Optional<NavigableSet<String>> pools;
    private final boolean coherent;
    private final boolean secure;
    private final boolean exclusive;

    DmaConstraints(DmaConstraintsBuilder from) {
        ranges = from.ranges;
        alignment = from.alignment;
        maxSegments = from.maxSegments;
        maxSegmentSize = from.maxSegmentSize;
        boundary = from.boundary;
        granule = from.granule;
        divisor = from.divisor;
        minSize = from.minSize;
        maxSize = from.maxSize;
        statedMask = from.accessMask;
        pools = from.pools;
        coherent = from.coherent;
        secure = from.secure;
        exclusive = from.exclusive;
    }

    /** Returns a builder that starts from the neutral value of every field. */
    public static DmaConstraintsBuilder builder() {
        return new DmaConstraintsBuilder();
    }

    /** Returns a builder that starts from these constraints. */
    public DmaConstraintsBuilder toBuilder() {
        DmaConstraintsBuilder builder = new DmaConstraintsBuilder();
        builder.ranges = ranges;
        builder.alignment = alignment;
        builder.maxSegments = maxSegments;
        builder.maxSegmentSize = maxSegmentSize;
        builder.boundary = boundary;
        builder.granule = granule;
        builder.divisor = divisor;
        builder.minSize = minSize;
        builder.maxSize = maxSize;
        builder.accessMask = statedMask;
        builder.pools = pools;
        builder.coherent = coherent;
        builder.secure = secure;
        builder.exclusive = exclusive;
        return builder;
    }

    /**
     * Reads the form that {@link #toString()} writes: {@code key=value} words and bare flags, separated by blanks. In
     * the name of a pool a comma or backslash is written with a backslash before it, a blank as a backslash, {@code u}
     * and four hexadecimal digits.
     *
     * @throws DmaBufException INVALID for an unknown word or one that is stated twice, a bad value, or constraints that
     *     are wrong by themselves
     */
    public static DmaConstraints parse(String text) {
        return ConstraintText.parse(text);
    }

    /**
     * Combines two sets of constraints field by field.
     *
     * @throws DmaBufException INCOMPATIBLE when a field leaves nothing; the message names it with both values
     */
    public DmaConstraints combine(DmaConstraints other) {
        DmaConstraintsBuilder merged = merge(other);
        merged.contradiction().ifPresent(field -> {
            throw new DmaBufException(
                    Reason.INCOMPATIBLE, field.label() + " leaves nothing: " + this + " against " + other);
        });
        return new DmaConstraints(merged);
    }

    /** Returns the first field, in table order, that {@link #combine} would refuse, or empty when it would not. */
    public Optional<ConstraintField> contradiction(DmaConstraints other) {
        return merge(other).contradiction();
    }

    /** Does what {@link #combine} does, but answers empty instead of throwing. */
    public Optional<DmaConstraints> tryCombine(DmaConstraints other) {
        DmaConstraintsBuilder merged = merge(other);
        return merged.contradiction().isPresent() ? Optional.empty() : Optional.of(new DmaConstraints(merged));
    }

    /**
     * Combines them in order, as {@link #tryCombine(DmaConstraints)} one after the other would, with less work; none combine to
     * {@link #NEUTRAL}.
     *
     * @return the combination, or empty when a field leaves nothing
     */
    public static Optional<DmaConstraints> tryCombineAll(Iterable<DmaConstraints> all) {
        DmaConstraintsBuilder merged = builder();
        for (DmaConstraints one : all) {
            if (merged.narrow(one).contradiction().isPresent()) {
                return Optional.empty();
            }
        }
        return Optional.of(new DmaConstraints(merged));
    }

    private DmaConstraintsBuilder merge(DmaConstraints other) {
        return toBuilder().narrow(other);
    }

    /** Address range in CPU physical space; neutral: all; combines by intersection; refused when empty. */
    public AddressRanges addressRanges() {
        return ranges;
    }

    /** Alignment of the start of every segment in bytes, a power of two; neutral: 1; combines by max. */
    public long alignment() {
        return alignment;
    }

    /** Largest number of segments, at least 1; neutral: unlimited (empty); combines by min, as a summary. */
    public OptionalLong maxSegments() {
        return limit(maxSegments);
    }

    /** Largest segment in bytes, at least 1; neutral: unlimited (empty); combines by min, as a summary. */
    public OptionalLong maxSegmentSize() {
        return limit(maxSegmentSize);
    }

    /** No segment crosses a multiple of this power of two; neutral: none (empty); combines by min, as a summary. */
    public OptionalLong segmentBoundary() {
        return limit(boundary);
    }

    /**
     * Every segment start and every length but the last is a multiple of this power of two; neutral: 1; combines by
     * max.
     */
    public long granule() {
        return granule;
    }

    /**
     * Divisor of a stride or plane in bytes, at least 1; reported, not checked against the size; neutral: 1; combines
     * by the least common multiple; refused when that exceeds 64 bits.
     */
    public long sizeDivisor() {
        return divisor;
    }

    /**
     * Smallest buffer in bytes; neutral: 0; combines by max. Rounded up to the alignment only when compared with
     * {@link #maxSize()}; refused when it is then larger.
     */
    public long minSize() {
        return minSize;
    }

    /** Largest buffer in bytes; neutral: unlimited (empty); combines by min; rounded down when compared. */
    public OptionalLong maxSize() {
        return limit(maxSize);
    }

    /** Opaque platform bits; neutral: all ones; combines by AND; refused when 0. A stated 0 counts as all ones. */
    public long accessMask() {
        return statedMask == 0 ? UNLIMITED : statedMask;
    }

    /** Returns whether the access mask was stated as 0, which counts as all ones and deserves a warning. */
    public boolean isAccessMaskStatedZero() {
        return statedMask == 0;
    }

    /** Permitted pools by name; neutral: any (empty); combines by intersection; refused when none is left. */
    public Optional<NavigableSet<String>> pools() {
        return pools;
    }

    /** Memory must be coherent; neutral: false; combines by or. */
    public boolean isCoherentRequired() {
        return coherent;
    }

    /** Memory must be secure, and the CPU stays out; neutral: false; combines by or. */
    public boolean isSecureRequired() {
        return secure;
    }

    /** The device shares with nobody; neutral: false; combines by or; enforced at attach, not here. */
    public boolean isExclusive() {
        return exclusive;
    }

    /** Returns whether a buffer of this size lies within min and max, as given. */
    public boolean permitsSize(long byteSize) {
        return Long.compareUnsigned(minSize, byteSize) <= 0 && Long.compareUnsigned(byteSize, maxSize) <= 0;
    }

    private static OptionalLong limit(long value) {
        return value == UNLIMITED ? OptionalLong.empty() : OptionalLong.of(value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DmaConstraints that
                && ranges.equals(that.ranges)
                && alignment == that.alignment
                && maxSegments == that.maxSegments
                && maxSegmentSize == that.maxSegmentSize
                && boundary == that.boundary
                && granule == that.granule
                && divisor == that.divisor
                && minSize == that.minSize
                && maxSize == that.maxSize
                && accessMask() == that.accessMask()
                && pools.equals(that.pools)
                && coherent == that.coherent
                && secure == that.secure
                && exclusive == that.exclusive;
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                ranges, alignment, maxSegments, maxSegmentSize, boundary, granule, divisor, minSize, maxSize,
                accessMask(), pools, coherent, secure, exclusive);
    }

    /** Returns the stated fields as {@code key=value} words and bare flags; empty when all are neutral. */
    @Override
    public String toString() {
        return ConstraintText.format(this);
    }
}
