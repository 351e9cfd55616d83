// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import javax.inject.Inject;
import org.junit.Test;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;

/** The allocators and the memory service as services that configurations bring, change and take away. */
public class AllocatorsIT extends GatewayConfiguration {
    @Inject
    private ConfigurationAdmin admin;

    @Inject
    private MemoryService memory;

    @Test
    public void memoryIsAService() {
        long before = memory.inUse();
        try (Memory page = memory.memfd(memory.pageSize(), "AllocatorsIT")) {
            assertThat(page.source()).isEqualTo("memfd");
            assertThat(memory.inUse()).isEqualTo(before + memory.pageSize());
        }
        assertThat(memory.inUse()).isEqualTo(before);
    }

    @Test
    public void aPriorityChangesInPlaceAndABaseIsADepartureAndAnArrival() throws Exception {
        Configuration pool = admin.getFactoryConfiguration("allocator.contig", "it", "?");
        update(pool, Map.of("id", "it", "base", "0x4000000000", "size", "1M"));
        await().until(() -> allocators("it").size() == 1);
        ServiceReference<Allocator> first = allocators("it").iterator().next();
        assertThat(first.getProperty("dmabuf.allocator.type")).isEqualTo("contig");
        assertThat(first.getProperty("dmabuf.allocator.priority")).isEqualTo(100);

        update(pool, Map.of("id", "it", "base", "0x4000000000", "size", "1M", "priority", 7));
        await().until(() -> Objects.equals(first.getProperty("dmabuf.allocator.priority"), 7));
        // Wrong: the old one stays. That the next change is seen shows that this one was.
        update(pool, Map.of("id", "it", "base", "0x4000000000", "size", "much", "priority", 8));
        update(pool, Map.of("id", "it", "base", "0x4000000000", "size", "1M", "priority", 9));
        await().until(() -> Objects.equals(first.getProperty("dmabuf.allocator.priority"), 9));
        assertThat(allocators("it")).containsExactly(first);

        update(pool, Map.of("id", "it", "base", "0x5000000000", "size", "1M"));
        await().until(() -> allocators("it").size() == 1 && !allocators("it").contains(first));
        pool.delete();
        await().until(() -> allocators("it").isEmpty());
    }

    @Test
    public void aPriorityChangesInPlaceAlsoWhereTheBoardStatesTheRest() throws Exception {
        Configuration configuration = admin.getConfiguration("allocator.system", "?");
        await().until(() -> configuration.getProperties() != null);
        Object ram = configuration.getProperties().get("ram");
        // Configurations are delivered in order: who knows this one has got the board's as well.
        update(configuration, Map.of("priority", 206));
        await().until(() -> has(206, allocators("system")));
        ServiceReference<Allocator> system = allocators("system").iterator().next();

        update(configuration, Map.of("priority", 207, "ram", ""));

        await().until(() -> Objects.equals(system.getProperty("dmabuf.allocator.priority"), 207));
        await().until(() -> ram.equals(configuration.getProperties().get("ram")));
        assertThat(allocators("system")).as("the same service, on the same RAM").containsExactly(system);
        configuration.delete();
        await().until(() -> has(200, allocators("system")));
    }

    @Test
    public void whatSomebodyDeletesIsWrittenAgainOnceEveryListenerKnows() throws Exception {
        Configuration system = admin.getConfiguration("allocator.system", "?");
        await().until(() -> system.getProperties() != null);
        Queue<Boolean> there = new ConcurrentLinkedQueue<>();
        ConfigurationListener listener = event -> {
            if (event.getType() == ConfigurationEvent.CM_DELETED && event.getPid().equals("allocator.system")) {
                there.add(isStored("allocator.system"));
            }
        };
        // Whether a listener is told before or after the board's is chance: one of so many is told after it.
        List<ServiceRegistration<ConfigurationListener>> listeners = IntStream.range(0, 100)
                .mapToObj(_ -> context.registerService(ConfigurationListener.class, listener, null))
                .toList();
        system.delete();
        await().until(() -> there.size() == listeners.size() && isStored("allocator.system"));
        listeners.forEach(ServiceRegistration::unregister);
        assertThat(there).as("is it there again while a listener is told?").containsOnly(false);
        await("the marker is gone").until(() -> !isStored("dmabuf.board.deletions"));
        await().until(() -> has(200, allocators("system")));
    }

    @Test
    public void anIommuBringsAMapperForEachDomainAndTakesThemAway() throws Exception {
        Configuration iommu = admin.getFactoryConfiguration("allocator.iommu", "it", "?");
        update(iommu, Map.of("id", "it-iommu", "domains", new String[] {"it-a", "it-b"}));
        await().until(() -> mappers("it-*").size() == 2 && allocators("it-iommu").size() == 1);
        update(iommu, Map.of("id", "it-iommu", "domains", new String[] {"it-b", "it-c"}));
        await().until(() -> mappers("it-a").isEmpty() && mappers("it-c").size() == 1);
        iommu.delete();
        await().until(() -> mappers("it-*").isEmpty() && allocators("it-iommu").isEmpty());
    }

    @Test
    public void eachTypeHasAFactoryAndACapability() throws InvalidSyntaxException {
        for (String type : List.of("contig", "system", "iommu")) {
            assertThat(context.getServiceReferences(AllocatorFactory.class, "(dmabuf.allocator.type=" + type + ")"))
                    .hasSize(1);
            assertThat(Arrays.stream(context.getBundles())
                            .map(bundle -> bundle.adapt(BundleWiring.class))
                            .flatMap(wiring -> wiring.getCapabilities("dmabuf.allocator").stream())
                            .map(BundleCapability::getAttributes))
                    .anyMatch(attributes -> type.equals(attributes.get("type")));
        }
    }

    private static boolean has(int priority, Collection<ServiceReference<Allocator>> allocators) {
        return allocators.stream().anyMatch(each -> Objects.equals(each.getProperty("dmabuf.allocator.priority"), priority));
    }

    private boolean isStored(String pid) {
        try {
            return admin.listConfigurations("(service.pid=" + pid + ")") != null;
        } catch (IOException | InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static void update(Configuration configuration, Map<String, ?> properties) throws IOException {
        configuration.update(FrameworkUtil.asDictionary(properties));
    }

    private Collection<ServiceReference<Allocator>> allocators(String id) throws InvalidSyntaxException {
        return context.getServiceReferences(Allocator.class, "(dmabuf.allocator.id=" + id + ")");
    }

    private Collection<ServiceReference<Mapper>> mappers(String domain) throws InvalidSyntaxException {
        return context.getServiceReferences(Mapper.class, "(" + Mapper.DOMAIN + "=" + domain + ")");
    }
}
