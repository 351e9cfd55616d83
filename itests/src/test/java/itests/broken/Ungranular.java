// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.AllocationRequest;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/** Forgets the granule of the devices. */
public final class Ungranular extends Sound {
    public Ungranular(BundleContext context) {
        super(context);
    }

    @Override
    Optional<Segment> place(AllocationRequest request) {
        return books.free().within(request.constraints().addressRanges()).stream()
                .filter(block -> block.holds(request.storageSize()))
                .map(block -> new Segment(block.first(), request.storageSize()))
                .filter(place -> (place.address() & (request.alignment() - 1)) == 0)
                .findFirst();
    }
}
