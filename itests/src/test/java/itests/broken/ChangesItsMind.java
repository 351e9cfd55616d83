// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.spi.Participant;
import org.osgi.framework.BundleContext;

/** Matches a device for a while only. */
public final class ChangesItsMind extends Sound {
    public ChangesItsMind(BundleContext context) {
        super(context);
    }

    private int count;

    @Override
    public synchronized boolean match(Participant device) {
        return super.match(device) && ++count < 1000;
    }
}
