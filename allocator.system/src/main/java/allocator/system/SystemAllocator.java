// SPDX-License-Identifier: Apache-2.0
package allocator.system;

import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.ScatteredRam;
import java.util.Map;

/** Hands out system RAM in chunks, to devices that reach it and to those behind an IOMMU. */
final class SystemAllocator implements Allocator {
    private final ScatteredRam ram;

    SystemAllocator(ScatteredRam ram) {
        this.ram = ram;
    }

    @Override
    public boolean match(Participant device) {
        return device.path().iommu().isPresent()
                || !device.path().reachable().intersect(ram.addresses()).isEmpty();
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        return ram.allocate(request);
    }

    @Override
    public void release(Allocation allocation) {
        ram.release(allocation);
    }

    @Override
    public AllocatorStatistics statistics() {
        return ram.statistics();
    }

    @Override
    public Map<String, String> describe() {
        return Map.of("ram", ram.addresses().toString());
    }
}
