// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleContext;

/** Recycles memory as the last owner left it. */
public final class Dirty extends Sound {
    private final MemoryService service;
    private final Map<Segment, Memory> kept = new HashMap<>();

    public Dirty(BundleContext context) {
        super(context);
        service = context.getService(context.getServiceReference(MemoryService.class));
    }

    @Override
    Allocation give(AllocationRequest request, List<Segment> place) {
        Memory memory = kept.computeIfAbsent(
                place.getFirst(), each -> new Kept(service.memfd(each.byteSize(), "dirty")));
        return Allocation.of(memory, place).withCookie(books.open(place));
    }
}
