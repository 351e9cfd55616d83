// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import java.util.List;
import org.osgi.framework.BundleContext;

/** Gives a page more than was asked for. */
public final class TooLong extends Sound {
    public TooLong(BundleContext context) {
        super(context);
    }

    @Override
    Allocation give(AllocationRequest request, List<Segment> place) {
        Allocation storage = super.give(request, place);
        return storage.movedTo(List.of(new Segment(place.getFirst().address(), storage.byteSize() + PAGE)));
    }
}
