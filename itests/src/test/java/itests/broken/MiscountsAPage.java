// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.spi.AllocatorStatistics;
import org.osgi.framework.BundleContext;

/** Counts a page too many as used. */
public final class MiscountsAPage extends Sound {
    public MiscountsAPage(BundleContext context) {
        super(context);
    }

    @Override
    public synchronized AllocatorStatistics statistics() {
        AllocatorStatistics right = super.statistics();
        return new AllocatorStatistics(
                right.live(), right.used() + (right.live() > 0 ? PAGE : 0), right.free(), right.largestFree(),
                right.highWater(), right.failed(), right.failedByFragmentation());
    }
}
