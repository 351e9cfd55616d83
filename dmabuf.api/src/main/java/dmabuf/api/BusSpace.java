// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.ArrayList;
import java.util.List;

/**
 * The addresses that a device sees through its bus windows. Where windows overlap, the first one in the order of the
 * device tree holds an address.
 *
 * @param windows the windows; none means 1:1
 * @param virtual whether answers are in I/O virtual space, behind an IOMMU, not in CPU physical
 */
record BusSpace(List<BusWindow> windows, boolean virtual) {
    /** Returns what is left when device addresses lie in an interval and CPU addresses in a set; by window. */
    AddressRanges limit(AddressRange device, AddressRanges cpu) {
        if (windows.isEmpty()) {
            return cpu.intersect(device);
        }
        List<AddressRange> left = new ArrayList<>();
        AddressRanges unseen = cpu;
        for (BusWindow window : windows) {
            for (AddressRange part : unseen.intersect(window.cpuRange()).intervals()) {
                shifted(part, -window.offset())
                        .intersect(device)
                        .map(fit -> virtual ? fit : shifted(fit, window.offset()))
                        .ifPresent(left::add);
            }
            unseen = unseen.minus(window.cpuRange());
        }
        return AddressRanges.of(left);
    }

    /** Returns the device address of a CPU address; INVALID when no window holds it. */
    long toDevice(long cpuAddress) {
        if (windows.isEmpty()) {
            return cpuAddress;
        }
        return windows.stream()
                .filter(window -> window.cpuRange().contains(cpuAddress))
                .findFirst()
                .map(window -> cpuAddress - window.offset())
                .orElseThrow(() -> new DmaBufException(
                        Reason.INVALID, "CPU address " + Quantity.hex(cpuAddress) + " lies in no bus window"));
    }

    private static AddressRange shifted(AddressRange range, long distance) {
        return new AddressRange(range.first() + distance, range.last() + distance);
    }
}
