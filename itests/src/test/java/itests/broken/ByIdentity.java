// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.spi.Participant;
import java.util.IdentityHashMap;
import org.osgi.framework.BundleContext;

/** Knows a device by its object, not by what it is. */
public final class ByIdentity extends Sound {
    public ByIdentity(BundleContext context) {
        super(context);
    }

    private final IdentityHashMap<Participant, Boolean> known = new IdentityHashMap<>();

    @Override
    public synchronized boolean match(Participant device) {
        return known.computeIfAbsent(device, each -> super.match(each) && known.size() < 100);
    }
}
