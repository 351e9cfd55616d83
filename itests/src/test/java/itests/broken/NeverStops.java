// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import java.util.concurrent.CountDownLatch;
import org.osgi.framework.BundleContext;

/** Never comes back from its stop. */
public final class NeverStops extends Sound implements Runnable {
    public NeverStops(BundleContext context) {
        super(context);
    }

    @Override
    public void run() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
