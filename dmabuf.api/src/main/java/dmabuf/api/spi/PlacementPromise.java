// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Quantity;
import java.util.Objects;
import java.util.Optional;

/**
 * What is known of the place of storage whose addresses are not: it is a row of pieces, each contiguous and aligned, the
 * last one perhaps shorter, each somewhere in a range. A CMA heap promises one piece, the system heap single pages.
 *
 * @param pieceSize the bytes of each piece, at least 1, unsigned
 * @param alignment of the start of each piece, a power of two
 * @param within where each piece lies, in CPU physical space; not empty
 */
public record PlacementPromise(long pieceSize, long alignment, AddressRanges within) {
    /** Refuses with IllegalArgumentException what is outside a field's domain. */
    public PlacementPromise {
        Objects.requireNonNull(within, "within");
        if (pieceSize == 0 || Long.bitCount(alignment) != 1 || within.isEmpty()) {
            throw new IllegalArgumentException("no promise: pieceSize=" + Quantity.hex(pieceSize) + " alignment="
                    + Quantity.hex(alignment) + " within=" + within);
        }
    }

    /**
     * Returns why storage of this promise may not suit a device that reaches memory directly: what the promise leaves
     * open counts against it.
     *
     * @param device the device; what is behind an IOMMU is suited by any pages that the IOMMU can put out
     * @param storageSize the bytes of the storage
     * @return the first complaint with its values, or empty when it suits wherever it lies
     */
    public Optional<String> unsuited(Participant device, long storageSize) {
        DmaConstraints constraints = device.path().constraints();
        SegmentLimits limits = SegmentLimits.of(constraints);
        AddressRanges reachable = device.path().reachable();
        String whose = " (" + device.device() + ")";
        if (!reachable.intersect(within).equals(within)) {
            return Optional.of("addresses unknown: reachable=" + reachable + ", may lie in " + within + whose);
        }
        if (Long.compareUnsigned(limits.unit(), alignment) > 0) {
            return Optional.of("alignment unknown: needs=" + Quantity.hex(limits.unit()) + ", promised="
                    + Quantity.hex(alignment) + whose);
        }
        if (limits.pieceSize() == 0) {
            return Optional.of("no segment is possible: " + constraints + whose);
        }
        long most = mostEntries(limits, storageSize);
        return Long.compareUnsigned(most, limits.maxSegments()) > 0
                ? Optional.of("segments unknown: max=" + Long.toUnsignedString(limits.maxSegments()) + ", may be "
                        + Long.toUnsignedString(most) + whose)
                : Optional.empty();
    }

    /** Each piece is cut into the longest entries, and once more wherever it may cross a boundary. */
    private long mostEntries(SegmentLimits limits, long storageSize) {
        long whole = Long.divideUnsigned(storageSize, pieceSize);
        long rest = Long.remainderUnsigned(storageSize, pieceSize);
        return whole * mostOfPiece(limits, pieceSize) + (rest == 0 ? 0 : mostOfPiece(limits, rest));
    }

    private long mostOfPiece(SegmentLimits limits, long size) {
        long cuts = ceil(size, limits.pieceSize());
        boolean neverCrosses = limits.boundary() == -1L
                || (Long.compareUnsigned(size, alignment) <= 0
                        && Long.compareUnsigned(alignment, limits.boundary()) <= 0);
        return neverCrosses ? cuts : cuts + ceil(size, limits.boundary());
    }

    private static long ceil(long dividend, long divisor) {
        long quotient = Long.divideUnsigned(dividend, divisor);
        return Long.remainderUnsigned(dividend, divisor) == 0 ? quotient : quotient + 1;
    }
}
