// SPDX-License-Identifier: Apache-2.0
package allocator.system;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorPublisher;
import dmabuf.api.spi.AllocatorSettings;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.ScatteredRam;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the configuration of system memory says.
 *
 * @param spec the service properties
 * @param ram the RAM
 * @param frames the page frames that alone are handed out, in this order; empty for all RAM
 */
record SystemSettings(AllocatorSpec spec, AddressRanges ram, List<AddressRange> frames) {
    /** Where neither a board nor a configuration says where RAM lies: 2 GiB from 0, as on a board without /memory. */
    static final AddressRanges DEFAULT_RAM = AddressRanges.parse("0..0x7fffffff");

    private static final AllocatorSpec DEFAULTS = AllocatorSpec.of("system", "system", 200);
    private static final Set<String> KEYS = Set.of("ram", "reserved", "frames");

    /**
     * Reads a configuration.
     *
     * @param pageSize the size of a page frame in bytes
     * @throws DmaBufException INVALID for an unknown key or a bad value
     */
    static SystemSettings of(Map<String, ?> configuration, long pageSize) {
        AllocatorSettings settings = AllocatorSettings.of(DEFAULTS, KEYS, configuration);
        AddressRanges ram = settings.withoutReserved(settings.ranges("ram").orElse(DEFAULT_RAM));
        return new SystemSettings(settings.spec(), ram, frames(settings, pageSize));
    }

    private static List<AddressRange> frames(AllocatorSettings settings, long pageSize) {
        try {
            List<AddressRange> frames = settings.names("frames").stream()
                    .map(Quantity::parse)
                    .map(number -> frame(number, pageSize))
                    .toList();
            AddressRanges.of(frames);
            return frames;
        } catch (DmaBufException e) {
            throw settings.refused("frames", e.explanation().text());
        }
    }

    private static AddressRange frame(long number, long pageSize) {
        boolean fits = Math.unsignedMultiplyHigh(number, pageSize) == 0;
        return AddressRange.ofSize(fits ? number * pageSize : -1L, pageSize);
    }

    AllocatorPublisher.Offer offer() {
        return new AllocatorPublisher.Offer(spec, List.of(ram, frames), this::product);
    }

    AllocatorFactory.Product product() {
        ScatteredRam memory = frames.isEmpty() ? ScatteredRam.of(ram) : ScatteredRam.ofFrames(frames);
        return new AllocatorFactory.Product(new SystemAllocator(memory), List.of());
    }
}
