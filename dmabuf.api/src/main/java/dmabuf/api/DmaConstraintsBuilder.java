// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Collection;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Collects the fields of {@link DmaConstraints}. Each method refuses a value outside the field's domain with INVALID,
 * {@link #build()} what is wrong only together. Confined to one thread.
 */
public final class DmaConstraintsBuilder {
    AddressRanges ranges = AddressRanges.ALL;
    long alignment = 1;
    long maxSegments = DmaConstraints.UNLIMITED;
    long maxSegmentSize = DmaConstraints.UNLIMITED;
    long boundary = DmaConstraints.UNLIMITED;
    long granule = 1;
    long divisor = 1;
    long minSize;
    long maxSize = DmaConstraints.UNLIMITED;
    long accessMask = DmaConstraints.UNLIMITED;
    Optional<NavigableSet<String>> pools = Optional.empty();
    boolean coherent;
    boolean secure;
    boolean exclusive;

    private boolean divisorOverflow;
    private boolean maskLeavesNothing;

    DmaConstraintsBuilder() {}

    /** Sets the address range; INVALID when empty. */
    public DmaConstraintsBuilder addressRanges(AddressRanges value) {
        if (value.isEmpty()) {
            throw invalid("range is empty: state at least one address");
        }
        ranges = value;
        return this;
    }

    /** Sets the alignment in bytes; INVALID when 0 or not a power of two. */
    public DmaConstraintsBuilder alignment(long value) {
        alignment = powerOfTwo("align", value);
        return this;
    }

    /** Sets the largest number of segments; INVALID when 0. */
    public DmaConstraintsBuilder maxSegments(long value) {
        maxSegments = atLeastOne("maxSegments", value);
        return this;
    }

    /** Sets the largest segment in bytes; INVALID when 0. */
    public DmaConstraintsBuilder maxSegmentSize(long value) {
        maxSegmentSize = atLeastOne("maxSegmentSize", value);
        return this;
    }

    /** Sets the segment boundary in bytes; INVALID when 0 or not a power of two. */
    public DmaConstraintsBuilder segmentBoundary(long value) {
        boundary = powerOfTwo("boundary", value);
        return this;
    }

    /** Sets the granule in bytes; INVALID when 0 or not a power of two. */
    public DmaConstraintsBuilder granule(long value) {
        granule = powerOfTwo("granule", value);
        return this;
    }

    /** Sets the size divisor in bytes; INVALID when 0. */
    public DmaConstraintsBuilder sizeDivisor(long value) {
        divisor = atLeastOne("divisor", value);
        return this;
    }

    /** Sets the smallest buffer in bytes. */
    public DmaConstraintsBuilder minSize(long value) {
        minSize = value;
        return this;
    }

    /** Sets the largest buffer in bytes. */
    public DmaConstraintsBuilder maxSize(long value) {
        maxSize = value;
        return this;
    }

    /** Sets the opaque platform bits; 0 counts as all ones. */
    public DmaConstraintsBuilder accessMask(long value) {
        accessMask = value;
        return this;
    }

    /** Sets the permitted pools; INVALID when there is none, or a name is empty. */
    public DmaConstraintsBuilder pools(Collection<String> names) {
        if (names.isEmpty()) {
            throw invalid("pools is present but empty: name at least one pool, or leave it out for any");
        }
        if (names.contains("")) {
            throw invalid("pools has an empty name: " + PoolNames.format(names));
        }
        pools = Optional.of(Collections.unmodifiableNavigableSet(new TreeSet<>(names)));
        return this;
    }

    /** Sets whether memory must be coherent. */
    public DmaConstraintsBuilder coherentRequired(boolean value) {
        coherent = value;
        return this;
    }

    /** Sets whether memory must be secure. */
    public DmaConstraintsBuilder secureRequired(boolean value) {
        secure = value;
        return this;
    }

    /** Sets whether the device shares with nobody. */
    public DmaConstraintsBuilder exclusive(boolean value) {
        exclusive = value;
        return this;
    }

    /** Sets a field back to its neutral value; IOMMU and APERTURE are no fields of constraints and change nothing. */
    public DmaConstraintsBuilder clear(ConstraintField field) {
        switch (field) {
            case RANGE -> ranges = AddressRanges.ALL;
            case ALIGN -> alignment = 1;
            case MAX_SEGMENTS -> maxSegments = DmaConstraints.UNLIMITED;
            case MAX_SEGMENT_SIZE -> maxSegmentSize = DmaConstraints.UNLIMITED;
            case BOUNDARY -> boundary = DmaConstraints.UNLIMITED;
            case GRANULE -> granule = 1;
            case DIVISOR -> divisor = 1;
            case MIN_SIZE -> minSize = 0;
            case MAX_SIZE -> maxSize = DmaConstraints.UNLIMITED;
            case ACCESS -> accessMask = DmaConstraints.UNLIMITED;
            case POOLS -> pools = Optional.empty();
            case COHERENT -> coherent = false;
            case SECURE -> secure = false;
            case EXCLUSIVE -> exclusive = false;
            case IOMMU, APERTURE -> {}
        }
        return this;
    }

    /**
     * Returns the constraints.
     *
     * @throws DmaBufException INVALID when min size, rounded up to the alignment, exceeds max size, rounded down
     */
    public DmaConstraints build() {
        contradiction().ifPresent(field -> {
            throw invalid("minSize=" + Quantity.format(minSize) + " is above maxSize=" + Quantity.format(maxSize)
                    + ", compared as multiples of align=" + Quantity.format(alignment));
        });
        return new DmaConstraints(this);
    }

    /** Combines with constraints, field by field; what then leaves nothing is told by {@link #contradiction()}. */
    DmaConstraintsBuilder narrow(DmaConstraints other) {
        ranges = ranges.intersect(other.addressRanges());
        alignment = max(alignment, other.alignment());
        maxSegments = min(maxSegments, other.maxSegments().orElse(DmaConstraints.UNLIMITED));
        maxSegmentSize = min(maxSegmentSize, other.maxSegmentSize().orElse(DmaConstraints.UNLIMITED));
        boundary = min(boundary, other.segmentBoundary().orElse(DmaConstraints.UNLIMITED));
        granule = max(granule, other.granule());
        narrowDivisor(other.sizeDivisor());
        minSize = max(minSize, other.minSize());
        maxSize = min(maxSize, other.maxSize().orElse(DmaConstraints.UNLIMITED));
        narrowMask(other);
        narrowPools(other.pools());
        coherent |= other.isCoherentRequired();
        secure |= other.isSecureRequired();
        exclusive |= other.isExclusive();
        return this;
    }

    /** Returns the first field, in table order, that leaves nothing. */
    Optional<ConstraintField> contradiction() {
        if (ranges.isEmpty()) {
            return Optional.of(ConstraintField.RANGE);
        }
        if (divisorOverflow) {
            return Optional.of(ConstraintField.DIVISOR);
        }
        if (isMinAboveMax()) {
            return Optional.of(ConstraintField.MIN_SIZE);
        }
        if (maskLeavesNothing) {
            return Optional.of(ConstraintField.ACCESS);
        }
        return pools.isPresent() && pools.get().isEmpty() ? Optional.of(ConstraintField.POOLS) : Optional.empty();
    }

    private void narrowMask(DmaConstraints other) {
        long mine = accessMask == 0 ? DmaConstraints.UNLIMITED : accessMask;
        accessMask = mine & other.accessMask();
        maskLeavesNothing = accessMask == 0;
    }

    private void narrowDivisor(long other) {
        if (other == 1) {
            return;
        }
        long factor = Long.divideUnsigned(other, gcd(divisor, other));
        divisorOverflow = Math.unsignedMultiplyHigh(divisor, factor) != 0;
        divisor *= factor;
    }

    private void narrowPools(Optional<NavigableSet<String>> other) {
        if (pools.isEmpty()) {
            pools = other;
        } else if (other.isPresent()) {
            NavigableSet<String> common = new TreeSet<>(pools.get());
            common.retainAll(other.get());
            pools = Optional.of(Collections.unmodifiableNavigableSet(common));
        }
    }

    private boolean isMinAboveMax() {
        if (maxSize == DmaConstraints.UNLIMITED) {
            return false;
        }
        long down = maxSize & -alignment;
        long up = (minSize + alignment - 1) & -alignment;
        boolean overflow = Long.compareUnsigned(up, minSize) < 0;
        return overflow || Long.compareUnsigned(up, down) > 0;
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, Long.remainderUnsigned(a, b));
    }

    private static long max(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    private static long min(long a, long b) {
        return Long.compareUnsigned(a, b) <= 0 ? a : b;
    }

    private static long powerOfTwo(String field, long value) {
        if (Long.bitCount(value) != 1) {
            throw invalid(field + "=" + Quantity.hex(value) + " is not a power of two");
        }
        return value;
    }

    private static long atLeastOne(String field, long value) {
        if (value == 0) {
            throw invalid(field + "=0 is not allowed: it must be at least 1; leave it out for no limit");
        }
        return value;
    }

    private static DmaBufException invalid(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }
}
