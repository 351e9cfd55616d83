// SPDX-License-Identifier: Apache-2.0
package bench.work;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** The bundle that is started last says that all are started. */
public final class Started implements BundleActivator {
    static final String SIGN = "all bundles are started";

    @Override
    public void start(BundleContext context) {
        System.out.println(SIGN);
    }

    @Override
    public void stop(BundleContext context) {}
}
