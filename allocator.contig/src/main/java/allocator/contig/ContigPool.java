// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.spi.AllocatorPublisher;
import dmabuf.api.spi.MemoryService;
import java.util.Map;
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
import org.osgi.service.metatype.annotations.Designate;

/**
 * One configured pool as an allocator service, for each configuration of the factory PID {@value #PID}. A wrong
 * configuration is logged and leaves the old one in force.
 */
@Designate(ocd = ContigConfiguration.class, factory = true)
@Component(
        service = {},
        immediate = true,
        configurationPid = ContigPool.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Capability(namespace = "dmabuf.allocator", attribute = "type=contig", version = "1.0.0")
public final class ContigPool {
    /** The factory PID. */
    public static final String PID = "allocator.contig";

    private final AllocatorPublisher publisher;

    /** Registers the pool. */
    @Activate
    public ContigPool(
            BundleContext context,
            @Reference MemoryService memory,
            @Reference(service = LoggerFactory.class) Logger logger,
            Map<String, Object> configuration) {
        publisher = new AllocatorPublisher(
                context, properties -> ContigSettings.of(properties).offer(memory), logger::error);
        publisher.configure(configuration);
    }

    /** Takes a changed configuration. */
    @Modified
    void configure(Map<String, Object> configuration) {
        publisher.configure(configuration);
    }

    /** Takes the pool away. */
    @Deactivate
    void stop() {
        publisher.withdraw();
    }
}
