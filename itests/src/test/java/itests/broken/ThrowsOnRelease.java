// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.spi.Allocation;
import org.osgi.framework.BundleContext;

/** Throws when storage comes back. */
public final class ThrowsOnRelease extends Sound {
    public ThrowsOnRelease(BundleContext context) {
        super(context);
    }

    @Override
    public synchronized void release(Allocation allocation) {
        super.release(allocation);
        throw new IllegalStateException("release was not expected");
    }
}
