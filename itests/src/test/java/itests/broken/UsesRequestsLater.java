// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/** Asks the last request for memory when the next one comes. */
public final class UsesRequestsLater extends Sound {
    public UsesRequestsLater(BundleContext context) {
        super(context);
    }

    private Optional<AllocationRequest> last = Optional.empty();

    @Override
    public synchronized Allocation allocate(AllocationRequest request) {
        try {
            last.ifPresent(before -> before.memory(PAGE));
        } catch (DmaBufException e) {
            // it was too late
        }
        last = Optional.of(request);
        return super.allocate(request);
    }
}
