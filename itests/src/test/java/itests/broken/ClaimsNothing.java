// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Placement;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/** Trusts its books alone, which know nothing of what its last life left. */
public final class ClaimsNothing extends Sound {
    public ClaimsNothing(BundleContext context) {
        super(context);
    }

    @Override
    Optional<Segment> place(AllocationRequest request) {
        long unit = Math.max(PAGE, Math.max(request.alignment(), request.constraints().granule()));
        return Placement.best(
                        books.free().within(request.constraints().addressRanges()), request.storageSize(), unit,
                        request.limits())
                .map(place -> new Segment(place.range().first(), request.storageSize()));
    }
}
