// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/**
 * The fields in which a device states what memory it can use, in table order. The order is part of the contract:
 * explanations break ties by device name, then by this order.
 */
public enum ConstraintField {
    /** Address range, CPU physical; also the DMA mask and the bus offset that lead to it. */
    RANGE("range"),
    /** Alignment of the start of every segment. */
    ALIGN("align"),
    /** Largest number of segments. */
    MAX_SEGMENTS("maxSegments"),
    /** Largest size of one segment. */
    MAX_SEGMENT_SIZE("maxSegmentSize"),
    /** No segment crosses a multiple of it. */
    BOUNDARY("boundary"),
    /** Every segment start and length is a multiple, but for the last length. */
    GRANULE("granule"),
    /** Divisor of a stride or plane size. */
    DIVISOR("divisor"),
    /** Smallest buffer. */
    MIN_SIZE("minSize"),
    /** Largest buffer. */
    MAX_SIZE("maxSize"),
    /** Opaque platform bits. */
    ACCESS("mask"),
    /** Permitted pools. */
    POOLS("pools"),
    /** Memory must be coherent. */
    COHERENT("coherent"),
    /** Memory must be secure. */
    SECURE("secure"),
    /** The device shares with nobody. */
    EXCLUSIVE("exclusive"),
    /** The IOMMU domain that the device sits behind. */
    IOMMU("iommu"),
    /** The device addresses that the device can issue. */
    APERTURE("aperture");

    private final String label;

    ConstraintField(String label) {
        this.label = label;
    }

    /** Returns the word by which explanations name the field, for example {@code "maxSegments"}. */
    public String label() {
        return label;
    }
}
