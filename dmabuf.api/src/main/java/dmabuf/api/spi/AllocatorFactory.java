// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Makes allocators of one type from data, for sandboxes: scenarios, dry runs on another board, certification. A service
 * with the property {@code dmabuf.allocator.type}. An allocator bundle that offers none still works; it only cannot be
 * named in a scenario's {@code allocator} line.
 */
@ConsumerType
public interface AllocatorFactory {
    /**
     * Makes an allocator that belongs to nobody else and is not registered anywhere.
     *
     * @param configuration keys and values of this type, the same as in its configuration; numbers may be text
     * @param memory the memory service
     * @throws dmabuf.api.DmaBufException INVALID for an unknown key or a bad value
     */
    Product create(Map<String, ?> configuration, MemoryService memory);

    /**
     * What was made.
     *
     * @param allocator the allocator
     * @param mappers the mappers that it serves, empty for most
     */
    record Product(Allocator allocator, List<Mapper> mappers) {
        /** Copies the list. */
        public Product {
            mappers = List.copyOf(mappers);
        }
    }
}
