// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.bundle.CollisionHook;
import org.osgi.framework.hooks.service.EventListenerHook;
import org.osgi.framework.hooks.service.FindHook;
import org.osgi.framework.hooks.service.ListenerHook;

/**
 * Hides the services of one bundle from everybody but the bundle itself and the one that drew the curtain: a running
 * gateway never takes memory from an allocator that is being certified. It also lets that bundle in beside another of
 * the same name and version.
 */
final class Curtain implements FindHook, EventListenerHook, CollisionHook, AutoCloseable {
    private static final String OURS = "dmabuf.api.";

    private final Bundle audience;
    private final String location;
    private final List<ServiceRegistration<?>> hooks = new ArrayList<>();

    private Curtain(Bundle audience, String location) {
        this.audience = audience;
        this.location = location;
    }

    /** Draws a curtain before the bundle that will be installed at a location. */
    static Curtain before(BundleContext context, String location) {
        Curtain curtain = new Curtain(context.getBundle(), location);
        for (Class<?> hook : List.of(FindHook.class, EventListenerHook.class, CollisionHook.class)) {
            curtain.hooks.add(context.registerService(hook.getName(), curtain, null));
        }
        return curtain;
    }

    @Override
    public void find(
            BundleContext context, String name, String filter, boolean all, Collection<ServiceReference<?>> references) {
        if (isOutside(context)) {
            references.removeIf(this::isHidden);
        }
    }

    @Override
    public void event(ServiceEvent event, Map<BundleContext, Collection<ListenerHook.ListenerInfo>> listeners) {
        if (isHidden(event.getServiceReference())) {
            List.copyOf(listeners.keySet()).stream().filter(this::isOutside).forEach(listeners::remove);
        }
    }

    @Override
    public void filterCollisions(int operation, Bundle target, Collection<Bundle> candidates) {
        if (operation == INSTALLING && target.equals(audience)) {
            candidates.clear();
        }
    }

    private boolean isOutside(BundleContext context) {
        Bundle bundle = context.getBundle();
        return !bundle.equals(audience) && !bundle.getLocation().equals(location);
    }

    private boolean isHidden(ServiceReference<?> reference) {
        Bundle bundle = reference.getBundle();
        return bundle != null
                && Objects.equals(bundle.getLocation(), location)
                && Stream.of((String[]) reference.getProperty(Constants.OBJECTCLASS))
                        .anyMatch(type -> type.startsWith(OURS));
    }

    @Override
    public void close() {
        hooks.forEach(ServiceRegistration::unregister);
        hooks.clear();
    }
}
