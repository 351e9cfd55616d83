// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import java.util.List;
import org.osgi.framework.BundleContext;

/** Keeps what came back for the next request, and counts it as free as well. */
public final class GivesTwice extends Sound {
    public GivesTwice(BundleContext context) {
        super(context);
    }

    private List<Segment> spare = List.of();

    @Override
    public synchronized void release(Allocation allocation) {
        super.release(allocation);
        spare = allocation.segments();
    }

    @Override
    Allocation give(AllocationRequest request, List<Segment> place) {
        if (spare.isEmpty() || spare.getFirst().byteSize() != request.storageSize()) {
            return super.give(request, place);
        }
        Allocation storage = Allocation.of(request.memory(request.storageSize()), spare);
        spare = List.of();
        return storage;
    }
}
