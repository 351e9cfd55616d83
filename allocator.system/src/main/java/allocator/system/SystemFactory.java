// SPDX-License-Identifier: Apache-2.0
package allocator.system;

import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.MemoryService;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes system memory for sandboxes, from the keys of {@link SystemConfiguration}. */
@Component(property = "dmabuf.allocator.type=system")
public final class SystemFactory implements AllocatorFactory {
    @Override
    public Product create(Map<String, ?> configuration, MemoryService memory) {
        return SystemSettings.ofSandbox(configuration, memory.pageSize()).product();
    }
}
