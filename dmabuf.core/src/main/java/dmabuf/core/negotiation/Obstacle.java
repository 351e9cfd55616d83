// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.ConstraintField;

/** The test that a set of devices does not pass. */
enum Obstacle {
    RANGE("no address is left"),
    DIVISOR("the least common multiple of the divisors is more than 64 bits"),
    BOUNDS("in multiples of the alignment the smallest buffer is larger than the largest"),
    MASK("no access bit is left"),
    POOLS("no pool is left"),
    SIZE("a buffer of this size is not permitted"),
    PIECE("not even the smallest segment is possible: segment size and boundary hold less than one aligned unit"),
    COUNT("so many segments of that size do not hold the storage"),
    SPACE("the addresses are fewer than the storage has bytes"),
    PLACE("the addresses hold no aligned place for a segment that is large enough"),
    JOINT("no place for the storage in one piece gives every device a table within its count");

    private final String text;

    Obstacle(String text) {
        this.text = text;
    }

    /** Returns the obstacle of a field that leaves nothing when two sets of constraints are combined. */
    static Obstacle of(ConstraintField field) {
        return switch (field) {
            case RANGE -> RANGE;
            case DIVISOR -> DIVISOR;
            case MIN_SIZE -> BOUNDS;
            case ACCESS -> MASK;
            case POOLS -> POOLS;
            case ALIGN, MAX_SEGMENTS, MAX_SEGMENT_SIZE, BOUNDARY, GRANULE, MAX_SIZE, COHERENT, SECURE, EXCLUSIVE,
                    IOMMU, APERTURE ->
                throw new IllegalArgumentException(field + " never leaves nothing");
        };
    }

    /** Returns what is in the way, in words. */
    String text() {
        return text;
    }
}
