// SPDX-License-Identifier: Apache-2.0
package itests.bundles.bank;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.PoolBooks;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** A bank of 16 MiB for whoever reaches it. It claims what it hands out: storage of its last life may still be there. */
public abstract class Bank implements Allocator {
    private static final long STEP = 64 << 10;

    private final AddressRange pool;
    private final PoolBooks books;

    protected Bank(long base) {
        pool = AddressRange.ofSize(base, 16 << 20);
        books = PoolBooks.of(AddressRanges.of(pool));
    }

    /** Returns the places to try, in this order, each in as many pieces as the bank hands out. */
    protected abstract Stream<List<Segment>> places(AllocationRequest request);

    /** Returns the addresses at which a storage of some bytes may begin, ascending. */
    protected final LongStream starts(long byteSize) {
        return LongStream.iterate(pool.first(), at -> at + byteSize - 1 <= pool.last(), at -> at + STEP);
    }

    @Override
    public boolean match(Participant device) {
        return !device.path().reachable().intersect(pool).isEmpty();
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        synchronized (books) {
            List<Segment> place = places(request)
                    .filter(this::isFree)
                    .filter(pieces -> request.claim(around(pieces)))
                    .findFirst()
                    .orElseThrow(() -> books.refusal(request.storageSize(), 0, "no place is free"));
            return Allocation.of(request.memory(request.storageSize()), place).withCookie(books.open(place));
        }
    }

    /** One claim or none: a part of a place that was claimed would be in the way of the next one. */
    private static AddressRange around(List<Segment> pieces) {
        long first = pieces.stream().mapToLong(Segment::address).min().orElseThrow();
        long end = pieces.stream().mapToLong(Segment::end).max().orElseThrow();
        return new AddressRange(first, end - 1);
    }

    private boolean isFree(List<Segment> pieces) {
        return pieces.stream().allMatch(piece -> books.free().isFree(piece.range()));
    }

    @Override
    public void release(Allocation allocation) {
        synchronized (books) {
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
