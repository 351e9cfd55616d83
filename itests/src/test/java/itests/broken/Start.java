// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Mapper;
import java.util.Map;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/** Registers the allocator that the manifest names. */
public final class Start implements BundleActivator {
    private Allocator allocator;
    private ServiceRegistration<Allocator> registration;

    @Override
    public void start(BundleContext context) throws Exception {
        Class<?> type = context.getBundle().loadClass(context.getBundle().getHeaders().get("Planted"));
        allocator = (Allocator) type.getConstructor(BundleContext.class).newInstance(context);
        if (allocator instanceof Mapper mapper) {
            context.registerService(
                    Mapper.class, mapper, FrameworkUtil.asDictionary(Map.of(Mapper.DOMAIN, mapper.domain())));
        }
        registration = context.registerService(
                Allocator.class,
                allocator,
                FrameworkUtil.asDictionary(AllocatorSpec.of("planted", "planted", 7).toProperties()));
    }

    @Override
    public void stop(BundleContext context) {
        registration.unregister();
        if (allocator instanceof Runnable end) {
            end.run();
        }
    }
}
