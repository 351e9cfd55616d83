// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Placement;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/** Forgets the alignment of the buffer. */
public final class Misaligned extends Sound {
    public Misaligned(BundleContext context) {
        super(context);
    }

    @Override
    Optional<Segment> place(AllocationRequest request) {
        return Placement.best(
                        books.free().within(request.constraints().addressRanges()), request.storageSize(),
                        Math.max(PAGE, request.constraints().granule()), request.limits())
                .map(place -> new Segment(place.range().first(), request.storageSize()));
    }
}
