// SPDX-License-Identifier: Apache-2.0
package allocator.bestfit;

import dmabuf.api.AddressRange;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorPublisher;
import dmabuf.api.spi.AllocatorSettings;
import dmabuf.api.spi.AllocatorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * One pool for each configuration of {@code allocator.contig}, under the same id: it stands by while that bundle serves,
 * and takes over when it stops.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = "allocator.contig",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Capability(namespace = "dmabuf.allocator", attribute = "type=contig", version = "1.0.0")
public final class BestFitPool {
    private static final AllocatorSpec DEFAULTS = AllocatorSpec.of("contig", "contig", 100);
    private static final Set<String> KEYS = Set.of("base", "size", "private", "heaps", "ram", "placement");

    private final AllocatorPublisher publisher;

    /** Registers the pool. */
    @Activate
    public BestFitPool(
            BundleContext context,
            @Reference(service = LoggerFactory.class) Logger logger,
            Map<String, Object> configuration) {
        publisher = new AllocatorPublisher(context, BestFitPool::offer, logger::error);
        publisher.configure(configuration);
    }

    @Modified
    void configure(Map<String, Object> configuration) {
        publisher.configure(configuration);
    }

    @Deactivate
    void stop() {
        publisher.withdraw();
    }

    private static AllocatorPublisher.Offer offer(Map<String, ?> configuration) {
        AllocatorSettings settings = AllocatorSettings.of(DEFAULTS, KEYS, configuration);
        AddressRange pool = AddressRange.ofSize(settings.requiredNumber("base"), settings.requiredNumber("size"));
        Optional<String> owner = settings.flag("private") ? settings.spec().pool() : Optional.empty();
        return new AllocatorPublisher.Offer(
                settings.spec(),
                List.of(pool, owner),
                () -> new AllocatorFactory.Product(new BestFitAllocator(pool, owner), List.of()));
    }
}
