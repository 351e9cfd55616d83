// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.AddressRanges;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.CompactionRequest;
import dmabuf.api.spi.IdleStorage;
import dmabuf.api.spi.Placement;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/** Takes each move for granted, also one that was refused. */
public final class MovesOntoOthers extends Sound {
    public MovesOntoOthers(BundleContext context) {
        super(context);
    }

    @Override
    Optional<Segment> place(AllocationRequest request) {
        long unit = Math.max(PAGE, request.alignment());
        return Placement.best(books.free().within(AddressRanges.of(pool)), request.storageSize(), unit, request.limits())
                .map(place -> new Segment(place.range().first(), request.storageSize()));
    }

    @Override
    void slide(CompactionRequest request, IdleStorage storage) {
        Allocation from = storage.allocation();
        books.move(from.cookie(), free -> {
            Optional<List<Segment>> place = lower(free, storage).map(List::of);
            place.ifPresent(segments -> request.move(from, segments));
            return place;
        });
    }
}
