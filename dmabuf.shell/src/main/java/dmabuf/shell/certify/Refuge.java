// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.PoolBooks;
import java.util.List;

/** An allocator of the suite's own, asked last, to which buffers go when the candidate leaves. */
final class Refuge implements Allocator {
    static final String ID = "certify-refuge";
    static final AllocatorSpec SPEC = AllocatorSpec.of(ID, "refuge", Integer.MIN_VALUE);

    private final PoolBooks books = PoolBooks.of(AddressRanges.parse("0x7f0000000000..0x7fffffffffff"));

    @Override
    public boolean match(Participant device) {
        return true;
    }

    @Override
    public synchronized Allocation allocate(AllocationRequest request) {
        try {
            var blocks = books.free().within(request.constraints().addressRanges());
            List<Segment> place = List.of(Placement.claimed(blocks, request)
                    .orElseThrow(() -> books.refusal(request.storageSize(), 0, "no place suits the devices")));
            return Allocation.of(request.memory(request.storageSize()), place).withCookie(books.open(place));
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
}
