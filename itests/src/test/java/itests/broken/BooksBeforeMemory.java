// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import java.util.List;
import org.osgi.framework.BundleContext;

/** Books a place and keeps it booked when there is no memory for it. */
public final class BooksBeforeMemory extends Sound {
    public BooksBeforeMemory(BundleContext context) {
        super(context);
    }

    @Override
    Allocation give(AllocationRequest request, List<Segment> place) {
        long cookie = books.open(place);
        return Allocation.of(request.memory(request.storageSize()), place).withCookie(cookie);
    }
}
