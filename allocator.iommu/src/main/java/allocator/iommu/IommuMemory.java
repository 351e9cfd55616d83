// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.spi.AllocatorPublisher;
import dmabuf.api.spi.IommuService;
import dmabuf.api.spi.MemoryService;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.Designate;

/**
 * An IOMMU as an allocator service and a mapper service for each domain, where the PID {@value #PID} is configured. A
 * wrong configuration is logged and leaves the old one in force.
 */
@Designate(ocd = IommuConfiguration.class)
@Component(
        service = {},
        immediate = true,
        configurationPid = IommuMemory.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Capability(namespace = "dmabuf.allocator", attribute = "type=iommu", version = "1.0.0")
public final class IommuMemory {
    /** The PID of the configuration. */
    public static final String PID = "allocator.iommu";

    private final AllocatorPublisher publisher;

    /** Registers the allocator and the mappers. */
    @Activate
    public IommuMemory(
            BundleContext context,
            @Reference MemoryService memory,
            @Nullable
                    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
                    IommuService spaces,
            @Reference(service = LoggerFactory.class) Logger logger,
            Map<String, Object> configuration) {
        long pageSize = memory.pageSize();
        publisher = new AllocatorPublisher(
                context, properties -> IommuSettings.of(properties, pageSize).offer(memory, Optional.ofNullable(spaces)), logger::error);
        publisher.configure(configuration);
    }

    /** Takes a changed configuration. */
    @Modified
    void configure(Map<String, Object> configuration) {
        publisher.configure(configuration);
    }

    /** Takes them away. */
    @Deactivate
    void stop() {
        publisher.withdraw();
    }
}
