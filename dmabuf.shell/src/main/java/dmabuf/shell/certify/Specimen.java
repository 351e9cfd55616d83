// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Mapper;
import java.util.List;
import java.util.Optional;

/**
 * An allocator of which nothing is out.
 *
 * @param allocator the allocator
 * @param mappers the mappers that come with it
 * @param spec its service properties
 */
record Specimen(Allocator allocator, List<Mapper> mappers, AllocatorSpec spec) {
    Specimen {
        mappers = List.copyOf(mappers);
    }

    /** Returns the mapper of a domain. */
    Optional<Mapper> mapper(String domain) {
        return mappers.stream().filter(mapper -> mapper.domain().equals(domain)).findFirst();
    }
}
