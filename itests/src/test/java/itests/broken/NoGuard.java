// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import org.osgi.framework.BundleContext;

/** Puts one mapping right behind another. */
public final class NoGuard extends SoundMapper {
    public NoGuard(BundleContext context) {
        super(context);
    }

    @Override
    long guard() {
        return 0;
    }
}
