// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.spi.AllocatorStatistics;
import java.util.concurrent.CountDownLatch;
import org.osgi.framework.BundleContext;

/** Never answers with figures while storage is out. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // others shall not wait for the lock
public final class HangsInStatistics extends Sound {
    public HangsInStatistics(BundleContext context) {
        super(context);
    }

    @Override
    public AllocatorStatistics statistics() {
        AllocatorStatistics figures = super.statistics();
        if (figures.live() > 0) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return figures;
    }
}
