// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import java.util.List;
import org.osgi.framework.BundleContext;

/** Puts memory of its own class in the place of the runtime's. */
public final class BringsItsOwn extends Sound {
    public BringsItsOwn(BundleContext context) {
        super(context);
    }

    @Override
    Allocation give(AllocationRequest request, List<Segment> place) {
        return Allocation.of(new Kept(request.memory(request.storageSize())), place).withCookie(books.open(place));
    }
}
