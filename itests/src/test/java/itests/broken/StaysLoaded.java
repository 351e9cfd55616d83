// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import java.util.concurrent.CountDownLatch;
import org.osgi.framework.BundleContext;

/** Leaves a thread behind. */
public final class StaysLoaded extends Sound {
    public StaysLoaded(BundleContext context) {
        super(context);
        Thread.ofPlatform().daemon().start(StaysLoaded::idle);
    }

    private static void idle() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
