// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.PoolBooks;
import java.util.List;
import java.util.stream.LongStream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/** One piece at the lowest free place of a bank of memory. It claims it: storage of its last life may still be there. */
final class Bank implements Allocator {
    private final AddressRange place;
    private final PoolBooks books;

    Bank(long base, long byteSize) {
        place = AddressRange.ofSize(base, byteSize);
        books = PoolBooks.of(AddressRanges.of(place));
    }

    ServiceRegistration<Allocator> register(BundleContext context, String id, int priority) {
        return context.registerService(
                Allocator.class, this, FrameworkUtil.asDictionary(AllocatorSpec.of(id, "bank", priority).toProperties()));
    }

    @Override
    public boolean match(Participant device) {
        return !device.path().reachable().intersect(place).isEmpty();
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        long byteSize = request.storageSize();
        synchronized (books) {
            List<Segment> piece = LongStream.iterate(place.first(), at -> at + byteSize - 1 <= place.last(), at -> at + request.pageSize())
                    .mapToObj(at -> new Segment(at, byteSize))
                    .filter(segment -> books.free().isFree(segment.range()) && request.claim(segment.range()))
                    .map(List::of)
                    .findFirst()
                    .orElseThrow(() -> books.refusal(byteSize, 0, "no place is free"));
            return Allocation.of(request.memory(byteSize), piece).withCookie(books.open(piece));
        }
    }

    @Override
    public void release(Allocation allocation) {
        synchronized (books) {
            if (books.segments(allocation.cookie()).isEmpty()) {
                Services.failed(new AssertionError("released twice: " + allocation.segments()));
            }
            books.close(allocation.cookie());
        }
    }

    @Override
    public AllocatorStatistics statistics() {
        synchronized (books) {
            return books.statistics();
        }
    }
}
