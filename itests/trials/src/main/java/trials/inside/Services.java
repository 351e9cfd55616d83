// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.Device;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** The services that bundles of the trials use and register. */
final class Services {
    private Services() {}

    static Exporter exporter(BundleContext context) {
        ServiceReference<Exporter> reference = context.getServiceReference(Exporter.class);
        if (reference == null) {
            throw new IllegalStateException("there is no exporter");
        }
        return context.getService(reference);
    }

    /** Registers a device on a direct way with constraints in words. */
    static ServiceRegistration<Device> device(BundleContext context, String name, String constraints) {
        Device device = Device.of(name, List.of(DmaPath.of(DmaConstraints.parse(constraints))));
        return context.registerService(Device.class, device, FrameworkUtil.asDictionary(Map.of(Device.NAME, name)));
    }

    /** Reports what went wrong where throwing would tell nobody. */
    static void failed(Throwable failure) {
        Thread thread = Thread.currentThread();
        // The handler of a thread's group hands on to the default one, or prints.
        thread.getThreadGroup().uncaughtException(thread, failure);
    }

    /** Registers what obeys words. */
    static void obey(BundleContext context, String trial, Function<String, Object> words) {
        context.registerService(Function.class, words, FrameworkUtil.asDictionary(Map.of("trial", trial)));
    }
}
