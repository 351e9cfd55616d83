// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An interval of addresses, both ends inclusive, unsigned. Never empty.
 *
 * @param first the lowest address
 * @param last the highest address
 */
public record AddressRange(long first, long last) implements Comparable<AddressRange> {
    /** All 64-bit addresses. */
    public static final AddressRange ALL = new AddressRange(0, -1L);

    /** Refuses an empty interval with INVALID. */
    public AddressRange {
        if (Long.compareUnsigned(first, last) > 0) {
            throw new DmaBufException(
                    Reason.INVALID,
                    "range " + Quantity.hex(first) + ".." + Quantity.hex(last) + " is empty: the first address is above"
                            + " the last");
        }
    }

    /**
     * Returns the interval of a start and a size.
     *
     * @throws DmaBufException INVALID when the size is 0 or the end lies above 2^64
     */
    public static AddressRange ofSize(long first, long byteSize) {
        long last = first + byteSize - 1;
        if (byteSize == 0 || Long.compareUnsigned(last, first) < 0) {
            throw new DmaBufException(
                    Reason.INVALID,
                    "size " + Long.toUnsignedString(byteSize) + " at " + Quantity.hex(first)
                            + " is no range: it must be at least 1 and end below 2^64");
        }
        return new AddressRange(first, last);
    }

    /** Reads {@code lo..hi}; INVALID when it is no such range. */
    public static AddressRange parse(String text) {
        int dots = text.indexOf("..");
        if (dots < 0) {
            throw new DmaBufException(Reason.INVALID, "'" + text + "' is not a range: write lo..hi, both inclusive");
        }
        return new AddressRange(Quantity.parse(text.substring(0, dots)), Quantity.parse(text.substring(dots + 2)));
    }

    /** Returns whether an address lies inside. */
    public boolean contains(long address) {
        return Long.compareUnsigned(first, address) <= 0 && Long.compareUnsigned(address, last) <= 0;
    }

    /** Returns whether the whole other interval lies inside. */
    public boolean contains(AddressRange other) {
        return contains(other.first) && contains(other.last);
    }

    /** Returns the common part, or empty when there is none. */
    public Optional<AddressRange> intersect(AddressRange other) {
        long low = Long.compareUnsigned(first, other.first) >= 0 ? first : other.first;
        long high = Long.compareUnsigned(last, other.last) <= 0 ? last : other.last;
        return Long.compareUnsigned(low, high) <= 0 ? Optional.of(new AddressRange(low, high)) : Optional.empty();
    }

    /** Returns whether at least this many bytes lie inside; 0 bytes always do. */
    public boolean holds(long byteSize) {
        return byteSize == 0 || Long.compareUnsigned(byteSize - 1, last - first) <= 0;
    }

    /** Returns the number of bytes, unsigned; 0 stands for 2^64, which only {@link #ALL} has. */
    public long byteSize() {
        return last - first + 1;
    }

    @Override
    public int compareTo(AddressRange other) {
        int byFirst = Long.compareUnsigned(first, other.first);
        return byFirst != 0 ? byFirst : Long.compareUnsigned(last, other.last);
    }

    // As a record has them; those that the compiler leaves to the virtual machine are made anew in each start, which takes it 10 ms.
    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof AddressRange range && first == range.first && last == range.last;
    }

    @Override
    public final int hashCode() {
        return 31 * Long.hashCode(first) + Long.hashCode(last);
    }

    /** Returns {@code lo..hi} in hexadecimal. */
    @Override
    public String toString() {
        return Quantity.hex(first) + ".." + Quantity.hex(last);
    }
}
