// SPDX-License-Identifier: Apache-2.0
package itests;

import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;

/** Counts service events. */
final class Seen implements ServiceListener {
    volatile int events;

    @Override
    public synchronized void serviceChanged(ServiceEvent event) {
        events = events + 1;
    }
}
