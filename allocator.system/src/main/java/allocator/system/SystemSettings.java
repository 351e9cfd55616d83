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
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource.Kind;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.ScatteredPages;
import dmabuf.api.spi.ScatteredRam;
import dmabuf.api.spi.SourceOrder;
import dmabuf.api.spi.SourcedAllocator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the configuration of system memory says.
 *
 * @param spec the service properties
 * @param ram the RAM
 * @param frames the page frames that alone are handed out, in this order; empty for all RAM
 * @param order where memory comes from
 * @param pages where Linux may find pages: the RAM as stated, anywhere where nobody states it
 */
record SystemSettings(
        AllocatorSpec spec, AddressRanges ram, List<AddressRange> frames, SourceOrder order, AddressRanges pages) {
    /** Where neither a board nor a configuration says where RAM lies: 2 GiB from 0, as on a board without /memory. */
    static final AddressRanges DEFAULT_RAM = AddressRanges.parse("0..0x7fffffff");

    static final SourceOrder AUTO = new SourceOrder(List.of("heap:system", "udmabuf"), true);

    private static final Set<Kind> KINDS = Set.of(Kind.HEAP, Kind.UDMABUF, Kind.HUGE_PAGES, Kind.HUGE_UDMABUF);
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
        return of(settings, SourceOrder.of(settings, AUTO, KINDS), pageSize);
    }

    /** Reads the configuration of an allocator for a sandbox, as above. */
    static SystemSettings ofSandbox(Map<String, ?> configuration, long pageSize) {
        AllocatorSettings settings = AllocatorSettings.of(DEFAULTS, KEYS, configuration);
        return of(settings, SourceOrder.ofSandbox(settings), pageSize);
    }

    private static SystemSettings of(AllocatorSettings settings, SourceOrder order, long pageSize) {
        AddressRanges ram = settings.withoutReserved(settings.ranges("ram").orElse(DEFAULT_RAM));
        List<AddressRange> frames = frames(settings, pageSize);
        return new SystemSettings(
                settings.spec(),
                ram,
                frames,
                frames.isEmpty() ? order : modelled(settings, order),
                settings.ranges("ram").orElse(AddressRanges.ALL));
    }

    /** Frames by their numbers are those of the board model: Linux hands out none by request. */
    private static SourceOrder modelled(AllocatorSettings settings, SourceOrder order) {
        if (!order.equals(AUTO) && !order.isModelAlone()) {
            throw settings.refused(SourceOrder.KEY, "frames are of the board model: leave them or this out");
        }
        return SourceOrder.MODEL;
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

    AllocatorPublisher.Offer offer(MemoryService memory) {
        return new AllocatorPublisher.Offer(spec, List.of(ram, frames, order, pages), () -> product(memory));
    }

    private AllocatorFactory.Product product(MemoryService memory) {
        AllocatorFactory.Product modelled = product();
        return order.isModelAlone()
                ? modelled
                : new AllocatorFactory.Product(
                        new SourcedAllocator(
                                order, memory, new ScatteredPages(memory, pages), this::reaches, modelled.allocator()),
                        List.of());
    }

    private boolean reaches(Participant device) {
        return device.path().iommu().isPresent()
                || !device.path().reachable().intersect(pages).isEmpty();
    }

    /** Makes the allocator of the board model. */
    AllocatorFactory.Product product() {
        ScatteredRam memory = frames.isEmpty() ? ScatteredRam.of(ram) : ScatteredRam.ofFrames(frames);
        return new AllocatorFactory.Product(new SystemAllocator(memory), List.of());
    }
}
