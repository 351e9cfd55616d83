// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.MemoryService;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes pools for sandboxes, from the keys of {@link ContigConfiguration}. */
@Component(property = "dmabuf.allocator.type=contig")
public final class ContigFactory implements AllocatorFactory {
    @Override
    public Product create(Map<String, ?> configuration, MemoryService memory) {
        return ContigSettings.ofSandbox(configuration).product();
    }
}
