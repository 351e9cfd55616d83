// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.AddressRanges;
import dmabuf.api.Segment;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Placement;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/** Forgets where the devices reach. */
public final class OutOfRange extends Sound {
    public OutOfRange(BundleContext context) {
        super(context);
    }

    @Override
    Optional<Segment> place(AllocationRequest request) {
        return Placement.claimed(books.free().within(AddressRanges.ALL), request);
    }
}
