// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.MemoryService;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes an IOMMU's memory and mappers for sandboxes, from the keys of {@link IommuConfiguration}. */
@Component(property = "dmabuf.allocator.type=iommu")
public final class IommuFactory implements AllocatorFactory {
    @Override
    public Product create(Map<String, ?> configuration, MemoryService memory) {
        return IommuSettings.ofSandbox(configuration, memory.pageSize()).product();
    }
}
