// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/** Hands out a place a second time while it is in use. */
public final class Overlaps extends Sound {
    public Overlaps(BundleContext context) {
        super(context);
    }

    private Optional<Segment> last = Optional.empty();
    private int count;

    @Override
    Allocation give(AllocationRequest request, List<Segment> place) {
        boolean again = ++count % 5 == 0 && last.filter(live -> live.byteSize() >= request.storageSize()).isPresent();
        if (!again) {
            last = Optional.of(place.getFirst());
            return super.give(request, place);
        }
        Segment there = new Segment(last.orElseThrow().address(), request.storageSize());
        return Allocation.of(request.memory(request.storageSize()), List.of(there));
    }
}
