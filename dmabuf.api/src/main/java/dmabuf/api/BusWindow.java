// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/**
 * One window of a bus: device addresses {@code bus ..} are CPU addresses {@code cpu ..}. What a device tree states as
 * an entry of {@code dma-ranges}.
 *
 * @param bus the first device address
 * @param cpu the first CPU physical address
 * @param byteSize the size, at least 1, unsigned
 */
public record BusWindow(long bus, long cpu, long byteSize) {
    /** Refuses with INVALID a size of 0 or an end above 2^64. */
    public BusWindow {
        AddressRange.ofSize(bus, byteSize);
        AddressRange.ofSize(cpu, byteSize);
    }

    /** Returns the window of a plain offset (device address = CPU address - offset) over all addresses; not for 0. */
    public static BusWindow ofOffset(long offset) {
        return offset > 0 ? new BusWindow(0, offset, -offset) : new BusWindow(-offset, 0, offset);
    }

    /** Returns the device addresses. */
    public AddressRange busRange() {
        return AddressRange.ofSize(bus, byteSize);
    }

    /** Returns the CPU addresses. */
    public AddressRange cpuRange() {
        return AddressRange.ofSize(cpu, byteSize);
    }

    /** Returns CPU address minus device address, which may be negative. */
    public long offset() {
        return cpu - bus;
    }

    /** Refuses with INVALID an offset that is no multiple of a device's own alignment, granule and boundary. */
    void checkOffset(DmaConstraints constraints) {
        long unit = constraints.alignment() | constraints.granule() | constraints.segmentBoundary().orElse(1);
        long largest = Long.highestOneBit(unit);
        if ((offset() & (largest - 1)) != 0) {
            throw new DmaBufException(
                    Reason.INVALID,
                    "offset " + (offset() < 0 ? "-" : "") + Quantity.hex(Math.abs(offset()))
                            + " is no multiple of the device's own alignment, granule or boundary: "
                            + Quantity.hex(largest));
        }
    }
}
