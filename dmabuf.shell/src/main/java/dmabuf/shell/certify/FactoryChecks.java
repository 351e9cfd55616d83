// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.ServiceReference;

/** What a factory makes. */
final class FactoryChecks {
    private static final String GROUP = "factory";
    private static final String SOURCE = "AllocatorFactory.create";
    private static final String UNKNOWN = "certifyNoSuchKey";

    private FactoryChecks() {}

    static List<Check> all() {
        return List.of(
                new Check("products-apart", GROUP, "two products of one factory share nothing",
                        SOURCE, FactoryChecks::apart),
                new Check("unknown-key", GROUP, "an unknown key is INVALID, and named",
                        SOURCE, FactoryChecks::unknownKey));
    }

    private static ServiceReference<AllocatorFactory> factory(Bench bench) {
        return bench.candidate().factory().orElseThrow(() -> new Inapplicable("the bundle offers no AllocatorFactory"));
    }

    private static void apart(Bench bench) {
        Specimen other = bench.candidate().product(factory(bench));
        AllocatorStatistics before = bench.watch().call("statistics", "statistics()", () -> other.allocator().statistics());
        bench.fill(bench.piece());
        AllocatorStatistics after = bench.watch().call("statistics", "statistics()", () -> other.allocator().statistics());
        Violation.unless(
                before.equals(after), "statistics() of one product after another was filled", after.toString(),
                before.toString());
    }

    private static void unknownKey(Bench bench) {
        AllocatorFactory factory = bench.candidate().guest().service(factory(bench));
        Map<String, String> settings = new HashMap<>(bench.candidate().settings());
        settings.put(UNKNOWN, "1");
        String asked = "create(" + settings + ")";
        try {
            bench.watch().call("create", asked, () -> factory.create(settings, bench.memory()));
            throw new Violation(asked, "a product", "INVALID, with the key in its message");
        } catch (DmaBufException e) {
            boolean right = e.reason() == Reason.INVALID && String.valueOf(e.getMessage()).contains(UNKNOWN);
            Violation.unless(right, asked, e.reason() + ": " + e.getMessage(), "INVALID, with the key in its message");
        }
    }
}
