// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import org.osgi.framework.BundleContext;

/** Fails with an error of its own on a size that it did not think of. */
public final class ThrowsOnHuge extends Sound {
    public ThrowsOnHuge(BundleContext context) {
        super(context);
    }

    @Override
    public synchronized Allocation allocate(AllocationRequest request) {
        if (request.storageSize() > 1L << 40) {
            throw new NullPointerException("no block");
        }
        return super.allocate(request);
    }
}
