// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorPublisher;
import dmabuf.api.spi.AllocatorSettings;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.IommuService;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource.Kind;
import dmabuf.api.spi.ScatteredPages;
import dmabuf.api.spi.ScatteredRam;
import dmabuf.api.spi.SourceOrder;
import dmabuf.api.spi.SourcedAllocator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the configuration of an IOMMU says.
 *
 * @param spec the service properties
 * @param domains the domains that are served, in order
 * @param shape what each of them can do
 * @param ram the RAM
 * @param order where memory comes from
 * @param pages where Linux may find pages: the RAM as stated, anywhere where nobody states it
 */
record IommuSettings(
        AllocatorSpec spec, List<String> domains, DomainShape shape, AddressRanges ram, SourceOrder order,
        AddressRanges pages) {
    /** Above the first megabyte, so that null translates to nothing, and below 4 GiB, which most devices reach. */
    static final AddressRanges DEFAULT_APERTURE = AddressRanges.parse("0x100000..0xffffffff");

    /** Where neither a board nor a configuration says where RAM lies: 2 GiB from 0, as for system memory. */
    static final AddressRanges DEFAULT_RAM = AddressRanges.parse("0..0x7fffffff");

    static final SourceOrder AUTO = new SourceOrder(List.of("heap:system", "udmabuf"), true);

    private static final Set<Kind> KINDS = Set.of(Kind.HEAP, Kind.UDMABUF, Kind.HUGE_PAGES, Kind.HUGE_UDMABUF);
    private static final AllocatorSpec DEFAULTS = AllocatorSpec.of("iommu", "iommu", 300);
    private static final Set<String> KEYS = Set.of("domains", "granule", "aperture", "reserved", "outputBits", "ram");

    /**
     * Reads a configuration.
     *
     * @param pageSize the granule where the configuration states none, in bytes
     * @throws DmaBufException INVALID for an unknown key or a bad value
     */
    static IommuSettings of(Map<String, ?> configuration, long pageSize) {
        AllocatorSettings settings = AllocatorSettings.of(DEFAULTS, KEYS, configuration);
        return of(settings, SourceOrder.of(settings, AUTO, KINDS), pageSize);
    }

    /** Reads the configuration of an allocator for a sandbox, as above. */
    static IommuSettings ofSandbox(Map<String, ?> configuration, long pageSize) {
        AllocatorSettings settings = AllocatorSettings.of(DEFAULTS, KEYS, configuration);
        return of(settings, SourceOrder.ofSandbox(settings), pageSize);
    }

    private static IommuSettings of(AllocatorSettings settings, SourceOrder order, long pageSize) {
        return new IommuSettings(
                settings.spec(),
                domains(settings),
                new DomainShape(
                        granule(settings, pageSize),
                        settings.withoutReserved(settings.ranges("aperture").orElse(DEFAULT_APERTURE)),
                        output(settings)),
                settings.ranges("ram").orElse(DEFAULT_RAM),
                order,
                settings.ranges("ram").orElse(AddressRanges.ALL));
    }

    private static List<String> domains(AllocatorSettings settings) {
        List<String> domains = settings.names("domains");
        if (domains.isEmpty()) {
            throw settings.missing("domains");
        }
        Set<String> seen = new LinkedHashSet<>();
        for (String domain : domains) {
            if (domain.isBlank() || !seen.add(domain)) {
                throw settings.refused("domains", "each domain has a name and is named once, not so '" + domain + "'");
            }
        }
        return domains;
    }

    private static long granule(AllocatorSettings settings, long pageSize) {
        long granule = settings.number("granule").orElse(pageSize);
        if (Long.bitCount(granule) != 1) {
            throw settings.refused("granule", "it is not a power of two");
        }
        return granule;
    }

    private static AddressRange output(AllocatorSettings settings) {
        long bits = settings.number("outputBits").orElse(64);
        if (bits < 1 || bits > 64) {
            throw settings.refused("outputBits", "an address has 1 to 64 bits");
        }
        return new AddressRange(0, -1L >>> (64 - bits));
    }

    AllocatorPublisher.Offer offer(MemoryService memory, Optional<IommuService> spaces) {
        return new AllocatorPublisher.Offer(
                spec, List.of(domains, shape, ram, order, pages), () -> product(memory, spaces));
    }

    private AllocatorFactory.Product product(MemoryService memory, Optional<IommuService> spaces) {
        if (order.isModelAlone()) {
            return product();
        }
        ScatteredRam scattered = ScatteredRam.of(ram); // Before a group is opened: it may be refused.
        DomainMappers opened = DomainMappers.opened(domains, shape, spaces);
        IommuAllocator modelled = allocator(scattered, opened.sources());
        return new AllocatorFactory.Product(
                new SourcedAllocator(
                        order, memory, new ScatteredPages(memory, pages), modelled::match, modelled),
                opened.mappers());
    }

    /** Makes what the board model has. */
    AllocatorFactory.Product product() {
        return new AllocatorFactory.Product(
                allocator(ScatteredRam.of(ram), Map.of()), DomainMappers.modelled(domains, shape).mappers());
    }

    private IommuAllocator allocator(ScatteredRam scattered, Map<String, String> sources) {
        return new IommuAllocator(new LinkedHashSet<>(domains), scattered, sources);
    }
}
