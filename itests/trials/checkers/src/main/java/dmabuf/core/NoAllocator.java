// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;

/** An allocator that is registered, and never asked. */
final class NoAllocator implements Allocator {
    @Override
    public boolean match(Participant device) {
        return false;
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void release(Allocation allocation) {}

    @Override
    public AllocatorStatistics statistics() {
        return new AllocatorStatistics(0, 0, 0, 0, 0, 0, 0);
    }
}
