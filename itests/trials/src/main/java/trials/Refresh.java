// SPDX-License-Identifier: Apache-2.0
package trials;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;

/** Gives bundles a new class loader each, or takes the last one from those that are uninstalled. */
public final class Refresh {
    private Refresh() {}

    /** Refreshes bundles and all that are wired to them, and waits until the framework is done. */
    public static void of(BundleContext context, List<Bundle> bundles) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        Bundle framework = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION);
        framework.adapt(FrameworkWiring.class).refreshBundles(bundles, event -> done.countDown());
        if (!done.await(60, SECONDS)) {
            throw new AssertionError("not refreshed: " + bundles);
        }
    }
}
