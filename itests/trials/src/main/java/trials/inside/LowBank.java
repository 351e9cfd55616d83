// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** A stranger's allocator, which is asked before those of the distribution: 32 MiB at 0x8000_0000L. */
public final class LowBank implements BundleActivator {
    @Override
    public void start(BundleContext context) {
        new Bank(0x8000_0000L, 32 << 20).register(context, "low", 1000);
    }

    @Override
    public void stop(BundleContext context) {}
}
