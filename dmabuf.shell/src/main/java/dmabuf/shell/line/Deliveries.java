// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;

/**
 * Configurations on their way to components. Configuration Admin tells of its changes on a thread of its own, one after the
 * other, and the component runtime acts while it is told. So when a change of our own is told, all before it have been acted upon.
 */
final class Deliveries {
    /** A configuration that never has a value, and that nobody is told of but as deleted. */
    private static final String PID = "dmabuf.shell.delivered";

    private Deliveries() {}

    /** Waits until what was configured before has reached its components; answers whether it has, within the limit. */
    static boolean await(BundleContext context, Duration limit) throws InterruptedException {
        ServiceReference<ConfigurationAdmin> reference = context.getServiceReference(ConfigurationAdmin.class);
        if (reference == null) {
            return false;
        }
        CountDownLatch told = new CountDownLatch(1);
        ServiceRegistration<ConfigurationListener> listener =
                context.registerService(ConfigurationListener.class, event -> note(event, told), null);
        try {
            ConfigurationAdmin admin = context.getService(reference);
            if (admin == null) {
                return false;
            }
            admin.getConfiguration(PID, "?").delete();
            return told.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (IOException e) {
            return false;
        } finally {
            listener.unregister();
            context.ungetService(reference);
        }
    }

    private static void note(ConfigurationEvent event, CountDownLatch told) {
        if (event.getType() == ConfigurationEvent.CM_DELETED && event.getPid().equals(PID)) {
            told.countDown();
        }
    }
}
