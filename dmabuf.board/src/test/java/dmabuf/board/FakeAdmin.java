// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** Configurations in a map: what Configuration Admin stores, by PID. A failing one throws at every write. */
final class FakeAdmin {
    final Map<String, Map<String, Object>> stored = new TreeMap<>();
    int updates;
    boolean failing;

    /** Done by somebody else, once, just after properties are read. */
    Runnable meanwhile = () -> {};

    ConfigurationAdmin admin() {
        return proxy(ConfigurationAdmin.class, (name, arguments) -> switch (name) {
            case "getConfiguration" -> configuration((String) arguments[0]);
            case "getFactoryConfiguration" -> configuration(arguments[0] + "~" + arguments[1]);
            case "listConfigurations" -> list((String) arguments[0]);
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private Configuration[] list(String filter) {
        Configuration[] found = stored.entrySet().stream()
                .filter(entry -> matches(filter, entry))
                .map(entry -> configuration(entry.getKey()))
                .toArray(Configuration[]::new);
        return found.length == 0 ? null : found;
    }

    private static boolean matches(String filter, Map.Entry<String, Map<String, Object>> entry) {
        try {
            Map<String, Object> properties = new HashMap<>(entry.getValue());
            properties.put("service.pid", entry.getKey());
            return FrameworkUtil.createFilter(filter).matches(properties);
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private Configuration configuration(String pid) {
        return proxy(Configuration.class, (name, arguments) -> switch (name) {
            case "getPid" -> pid;
            case "getProperties" -> read(pid);
            case "getChangeCount" -> (long) updates;
            case "delete" -> stored.remove(pid);
            case "update", "updateIfDifferent" -> update(pid, (Dictionary<?, ?>) arguments[0]);
            default -> throw new UnsupportedOperationException(name);
        });
    }

    private Dictionary<String, Object> read(String pid) {
        Dictionary<String, Object> properties =
                stored.containsKey(pid) ? FrameworkUtil.asDictionary(Map.copyOf(stored.get(pid))) : null;
        Runnable others = meanwhile;
        meanwhile = () -> {};
        others.run();
        return properties;
    }

    /** Writes as an operator does. */
    void write(String pid, Map<String, Object> properties) {
        stored.put(pid, new HashMap<>(properties));
        updates++;
    }

    private boolean update(String pid, Dictionary<?, ?> properties) throws IOException {
        if (failing) {
            throw new IOException("disk full");
        }
        Map<String, Object> values = new HashMap<>();
        properties.keys().asIterator().forEachRemaining(key -> values.put((String) key, properties.get(key)));
        values.put("service.pid", pid);
        Map<String, Object> before = stored.put(pid, values);
        updates++;
        return before == null;
    }

    interface Answer {
        Object to(String method, Object[] arguments) throws IOException;
    }

    /** Returns an implementation of an interface that answers by method name. */
    static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> switch (method.getName()) {
                    case "hashCode" -> System.identityHashCode(self);
                    case "equals" -> self == arguments[0];
                    case "toString" -> type.getSimpleName();
                    default -> answer.to(method.getName(), arguments);
                }));
    }
}
