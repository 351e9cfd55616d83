// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import java.util.List;
import org.osgi.framework.BundleContext;

/** Gives a page less than was asked for. */
public final class TooShort extends Sound {
    public TooShort(BundleContext context) {
        super(context);
    }

    @Override
    Allocation give(AllocationRequest request, List<Segment> place) {
        Allocation storage = super.give(request, place);
        long size = Math.max(PAGE, storage.byteSize() - PAGE);
        return storage.movedTo(List.of(new Segment(place.getFirst().address(), size)));
    }
}
