// SPDX-License-Identifier: Apache-2.0
package doubles;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** The service registry as one bundle sees it; it keeps what happened, in order. */
public final class RegistryDouble {
    /** One word for each call: registered, changed or unregistered, and the type. */
    public final List<String> events = new ArrayList<>();

    /** What is registered. */
    public final List<Service> services = new ArrayList<>();

    /** A registered service. */
    public static final class Service {
        /** The simple name of the type. */
        public final String type;

        /** The object. */
        public final Object object;

        /** The properties. */
        public Map<String, Object> properties;

        private Service(String type, Object object, Map<String, Object> properties) {
            this.type = type;
            this.object = object;
            this.properties = properties;
        }
    }

    /** Returns the bundle context. */
    public BundleContext context() {
        return proxy(BundleContext.class, (method, arguments) -> {
            if (!method.equals("registerService")) {
                throw new UnsupportedOperationException(method);
            }
            Service service =
                    new Service(((Class<?>) arguments[0]).getSimpleName(), arguments[1], map(arguments[2]));
            services.add(service);
            events.add("registered " + service.type);
            return registration(service);
        });
    }

    /** Returns the only service of a type. */
    public Service only(String type) {
        List<Service> found =
                services.stream().filter(service -> service.type.equals(type)).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " services of type " + type);
        }
        return found.getFirst();
    }

    private ServiceRegistration<?> registration(Service service) {
        return proxy(ServiceRegistration.class, (method, arguments) -> {
            switch (method) {
                case "setProperties" -> {
                    service.properties = map(arguments[0]);
                    events.add("changed " + service.type);
                }
                case "unregister" -> {
                    services.remove(service);
                    events.add("unregistered " + service.type);
                }
                default -> throw new UnsupportedOperationException(method);
            }
            return null;
        });
    }

    private static Map<String, Object> map(Object dictionary) {
        Dictionary<?, ?> properties = (Dictionary<?, ?>) dictionary;
        Map<String, Object> map = new TreeMap<>();
        Collections.list(properties.keys()).forEach(key -> map.put(key.toString(), properties.get(key)));
        return map;
    }

    private interface Calls {
        Object call(String method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Calls calls) {
        return type.cast(Proxy.newProxyInstance(
                RegistryDouble.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> calls.call(method.getName(), arguments)));
    }
}
