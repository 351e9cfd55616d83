// SPDX-License-Identifier: Apache-2.0
package trials;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;

/** Follows the class loader of a bundle until it is collected, without holding it. */
public final class Leash {
    private final ReferenceQueue<ClassLoader> queue = new ReferenceQueue<>();
    private final Reference<ClassLoader> loader;

    /** Follows the class loader that a bundle has now. */
    public Leash(Bundle bundle) {
        loader = new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader(), queue);
    }

    /** Takes a bundle away for good: stopped, uninstalled, and no longer kept for those that are wired to it. */
    public static void remove(BundleContext context, Bundle bundle) throws Exception {
        bundle.stop();
        bundle.uninstall();
        Refresh.of(context, List.of(bundle));
    }

    /** Collects garbage until the class loader is gone; fails when that does not come. */
    public void awaitCollected() {
        Patience.until("the class loader is collected", this::isCollected);
    }

    /** Collects garbage once. */
    public boolean isCollected() {
        System.gc();
        return isGone();
    }

    /** Returns whether it is gone already. */
    public boolean isGone() {
        return queue.poll() != null || loader.refersTo(null);
    }
}
