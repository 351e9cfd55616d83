// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Mapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.framework.ServiceReference;

/** What the bundle and its services state. */
final class StatementChecks {
    private static final String GROUP = "states";
    private static final int MOST_LINES = 20;
    private static final int LONGEST = 200;

    private StatementChecks() {}

    static List<Check> all() {
        return List.of(
                new Check("capability", GROUP,
                        "the manifest provides the capability dmabuf.allocator with the type that the services state",
                        "AllocatorProperties", StatementChecks::capability),
                new Check("properties", GROUP,
                        "the service states a String id, an int priority, and the rest in its right form",
                        "Allocator; AllocatorSpec; contract 5", StatementChecks::properties),
                new Check("description", GROUP,
                        "describe answers few short lines, quickly, and does not throw",
                        "Allocator.describe", StatementChecks::description));
    }

    private static void capability(Bench bench) {
        Candidate candidate = bench.candidate();
        List<String> types = candidate.guest().capabilities();
        List<ServiceReference<?>> services = new ArrayList<>(candidate.guest().services(Allocator.class));
        services.addAll(candidate.guest().services(AllocatorFactory.class));
        for (ServiceReference<?> service : services) {
            Object type = service.getProperty(AllocatorSpec.PREFIX + "type");
            Violation.unless(
                    types.contains(String.valueOf(type)), "the manifest",
                    types.isEmpty() ? "no capability dmabuf.allocator" : "the types " + types,
                    "Provide-Capability: dmabuf.allocator;type=" + type);
        }
    }

    private static void properties(Bench bench) {
        Candidate candidate = bench.candidate();
        ServiceReference<Allocator> service = candidate.reference()
                .orElseThrow(() -> new Inapplicable("it registered no Allocator, only a factory"));
        Map<String, Object> properties = Guest.properties(service);
        typed(properties, "id", String.class, true);
        typed(properties, "type", String.class, true);
        typed(properties, "priority", Integer.class, false);
        try {
            AllocatorSpec.from(properties);
        } catch (DmaBufException e) {
            throw new Violation("the service properties", e.explanation().text(), "properties that can be read");
        }
        for (ServiceReference<Mapper> mapper : candidate.guest().services(Mapper.class)) {
            Object stated = mapper.getProperty(Mapper.DOMAIN);
            String domain = candidate.guest().service(mapper).domain();
            Violation.unless(
                    domain.equals(stated), "the property " + Mapper.DOMAIN, String.valueOf(stated),
                    domain + ", as domain() answers");
        }
    }

    private static void typed(Map<String, Object> properties, String key, Class<?> type, boolean needed) {
        Object value = properties.get(AllocatorSpec.PREFIX + key);
        boolean right = value == null ? !needed : type.isInstance(value) && !value.toString().isBlank();
        String came = value == null ? "nothing" : value + " (" + value.getClass().getSimpleName() + ")";
        Violation.unless(
                right, "the property " + AllocatorSpec.PREFIX + key, came, "a " + type.getSimpleName() + " that is not blank");
    }

    private static void description(Bench bench) {
        Map<String, String> lines = bench.watch().call("describe", "describe()", () -> bench.allocator().describe());
        Violation.unless(lines.size() <= MOST_LINES, "describe()", lines.size() + " lines", "at most " + MOST_LINES);
        lines.forEach((name, value) -> {
            String line = name + ": " + value;
            Violation.unless(
                    line.length() <= LONGEST && line.lines().count() == 1, "describe()", "the entry '" + line + "'",
                    "one line of at most " + LONGEST + " characters");
        });
    }
}
