// SPDX-License-Identifier: Apache-2.0
package allocator.system;

import dmabuf.api.spi.AllocatorPublisher;
import dmabuf.api.spi.MemoryService;
import java.util.Map;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.Designate;

/**
 * System memory as an allocator service, configured by the PID {@value #PID}; without a configuration it has 2 GiB of
 * RAM from address 0. A wrong configuration is logged and leaves the old one in force.
 */
@Designate(ocd = SystemConfiguration.class)
@Component(service = {}, immediate = true, configurationPid = SystemMemory.PID)
@Capability(namespace = "dmabuf.allocator", attribute = "type=system", version = "1.0.0")
public final class SystemMemory {
    /** The PID of the configuration. */
    public static final String PID = "allocator.system";

    private final AllocatorPublisher publisher;

    /** Registers the allocator. */
    @Activate
    public SystemMemory(
            BundleContext context,
            @Reference MemoryService memory,
            @Reference(service = LoggerFactory.class) Logger logger,
            Map<String, Object> configuration) {
        long pageSize = memory.pageSize();
        publisher = new AllocatorPublisher(
                context, properties -> SystemSettings.of(properties, pageSize).offer(memory), logger::error);
        publisher.configure(configuration);
    }

    /** Takes a changed configuration. */
    @Modified
    void configure(Map<String, Object> configuration) {
        publisher.configure(configuration);
    }

    /** Takes the allocator away. */
    @Deactivate
    void stop() {
        publisher.withdraw();
    }
}
