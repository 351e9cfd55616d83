// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.spi.Allocation;
import org.osgi.framework.BundleContext;

/** Forgets every third storage that comes back. */
public final class Leaks extends Sound {
    public Leaks(BundleContext context) {
        super(context);
    }

    private int count;

    @Override
    public synchronized void release(Allocation allocation) {
        if (++count % 3 != 0) {
            super.release(allocation);
        }
    }
}
