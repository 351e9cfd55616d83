// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.Device;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.ConfigurationPlugin;
import org.osgi.service.log.Logger;

/** What a component sees of the framework: properties to read, services to register, a log. */
final class FakeBundle {
    final Map<String, String> properties = new HashMap<>();
    final Map<String, Map<String, Object>> devices = new TreeMap<>();
    final List<ConfigurationListener> listeners = new ArrayList<>();
    final List<ConfigurationPlugin> plugins = new ArrayList<>();
    int registrations;
    final List<String> log = new ArrayList<>();

    BundleContext context() {
        return FakeAdmin.proxy(BundleContext.class, (name, arguments) -> switch (name) {
            case "getProperty" -> properties.get((String) arguments[0]);
            case "registerService" -> register((Class<?>) arguments[0], arguments[1], (Dictionary<?, ?>) arguments[2]);
            default -> throw new UnsupportedOperationException(name);
        });
    }

    Logger logger() {
        return FakeAdmin.proxy(Logger.class, (level, arguments) -> {
            String text = arguments[0].toString();
            Stream<?> values = Stream.of(arguments).skip(1).flatMap(value ->
                    value instanceof Object[] many ? Stream.of(many) : Stream.of(value));
            for (Object value : values.toList()) {
                text = text.replaceFirst("\\{}", Matcher.quoteReplacement(value.toString()));
            }
            return log.add(level + ": " + text);
        });
    }

    private ServiceRegistration<?> register(Class<?> type, Object service, Dictionary<?, ?> properties) {
        if (service instanceof Device device) {
            registrations++;
            devices.put(device.name(), values(properties));
        } else if (type == ConfigurationPlugin.class) {
            plugins.add((ConfigurationPlugin) service);
        } else {
            listeners.add((ConfigurationListener) service);
        }
        return FakeAdmin.proxy(ServiceRegistration.class, (name, arguments) -> switch (name) {
            case "setProperties" -> devices.put(((Device) service).name(), values((Dictionary<?, ?>) arguments[0]));
            default -> service instanceof Device device
                    ? devices.remove(device.name())
                    : (type == ConfigurationPlugin.class ? plugins : listeners).remove(service);
        });
    }

    private static Map<String, Object> values(Dictionary<?, ?> properties) {
        Map<String, Object> values = new HashMap<>();
        properties.keys().asIterator().forEachRemaining(key -> values.put((String) key, properties.get(key)));
        return values;
    }
}
