// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/**
 * A piece of memory: an address and a length. The address space is said by whoever hands it out.
 *
 * @param address the first address
 * @param byteSize the length, at least 1
 */
public record Segment(long address, long byteSize) {
    /** Refuses with INVALID a length of 0 or an end above 2^64. */
    public Segment {
        AddressRange.ofSize(address, byteSize);
    }

    /** Returns the interval of addresses. */
    public AddressRange range() {
        return AddressRange.ofSize(address, byteSize);
    }

    /** Returns the address behind the last byte; 0 when the segment ends at 2^64. */
    public long end() {
        return address + byteSize;
    }

    /** Returns {@code address+length} in hexadecimal. */
    @Override
    public String toString() {
        return Quantity.hex(address) + "+" + Quantity.hex(byteSize);
    }
}
