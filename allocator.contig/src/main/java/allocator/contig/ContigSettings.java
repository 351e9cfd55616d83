// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorPublisher;
import dmabuf.api.spi.AllocatorSettings;
import dmabuf.api.spi.AllocatorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the configuration of a pool says.
 *
 * @param spec the service properties
 * @param range the addresses of the pool
 * @param owner the name of the pool, when it serves only devices whose permitted pools name it
 */
record ContigSettings(AllocatorSpec spec, AddressRange range, Optional<String> owner) {
    private static final AllocatorSpec DEFAULTS = AllocatorSpec.of("contig", "contig", 100);
    private static final Set<String> KEYS = Set.of("base", "size", "private");

    /**
     * Reads a configuration.
     *
     * @throws DmaBufException INVALID for an unknown key or a bad value
     */
    static ContigSettings of(Map<String, ?> configuration) {
        AllocatorSettings settings = AllocatorSettings.of(DEFAULTS, KEYS, configuration);
        boolean owned = settings.flag("private");
        if (owned && settings.spec().pool().isEmpty()) {
            throw settings.refused("private", "name the pool, or no device can be permitted to use it");
        }
        return new ContigSettings(
                settings.spec(), range(settings), owned ? settings.spec().pool() : Optional.empty());
    }

    private static AddressRange range(AllocatorSettings settings) {
        long base = settings.requiredNumber("base");
        long size = settings.requiredNumber("size");
        if (size <= 0) {
            throw settings.refused("size", "it must be at least 1 and less than 2^63 bytes");
        }
        try {
            return AddressRange.ofSize(base, size);
        } catch (DmaBufException e) {
            throw settings.refused("base", e.explanation().text());
        }
    }

    AllocatorPublisher.Offer offer() {
        return new AllocatorPublisher.Offer(spec, List.of(range, owner), this::product);
    }

    AllocatorFactory.Product product() {
        return new AllocatorFactory.Product(new ContigAllocator(range, owner), List.of());
    }
}
