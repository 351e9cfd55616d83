// SPDX-License-Identifier: Apache-2.0
package allocator.bank;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorProperties;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.PoolBooks;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** The second bank of memory, which the video engine reads beside the first; bit 2 of the access mask stands for it. */
@Component(immediate = true, property = "dmabuf.allocator.bit:Integer=2")
@AllocatorProperties(id = "bank", type = "bank", priority = 250)
public final class BankAllocator implements Allocator {
    private static final AddressRange BANK = AddressRange.parse("0x60000000..0x63ffffff");

    private final PoolBooks books = PoolBooks.of(AddressRanges.of(BANK));

    @Override
    public boolean match(Participant device) {
        return device.path().iommu().isPresent() || !device.path().reachable().intersect(BANK).isEmpty();
    }

    @Override
    public synchronized Allocation allocate(AllocationRequest request) {
        try {
            List<AddressRange> blocks = books.free().within(request.constraints().addressRanges());
            List<Segment> place = List.of(Placement.claimed(blocks, request)
                    .orElseThrow(() -> books.refusal(request.storageSize(), 0, "not in one piece for these devices")));
            Memory memory = request.memory(request.storageSize());
            return Allocation.of(memory, place).withCookie(books.open(place));
        } catch (DmaBufException e) {
            books.failed(e);
            throw e;
        }
    }

    @Override
    public synchronized void release(Allocation allocation) {
        books.close(allocation.cookie());
    }

    @Override
    public synchronized AllocatorStatistics statistics() {
        return books.statistics();
    }

    @Override
    public Map<String, String> describe() {
        return Map.of("bank", BANK.toString());
    }
}
