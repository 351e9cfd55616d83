// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.ScatteredRam;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Hands out system RAM in the largest chunks, to devices behind the domains that it serves and to no others. */
final class IommuAllocator implements Allocator {
    private final Set<String> domains;
    private final ScatteredRam ram;
    private final Map<String, String> sources;

    /** Serves domains; the sources say how each group among them is mapped. */
    IommuAllocator(Set<String> domains, ScatteredRam ram, Map<String, String> sources) {
        this.domains = domains;
        this.ram = ram;
        this.sources = sources;
    }

    @Override
    public boolean match(Participant device) {
        return device.path().iommu().filter(domains::contains).isPresent();
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
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put("ram", ram.addresses().toString());
        lines.put("domains", String.join(", ", domains));
        lines.putAll(sources);
        return lines;
    }
}
