// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.IommuService;
import dmabuf.api.spi.IommuSpace;
import dmabuf.api.spi.Mapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The mappers of all domains: for a group that the kernel shows one that maps in truth, or none where the kernel does not
 * let us, because the addresses of a model would reach nothing there; for any other domain that of the board model.
 *
 * @param mappers at most one for each domain, in their order
 * @param sources which way each group is mapped, and why no better one, in words
 */
record DomainMappers(List<Mapper> mappers, Map<String, String> sources) {
    private static final String SOURCE = "source of ";

    /** Returns those of the board model. */
    static DomainMappers modelled(List<String> domains, DomainShape shape) {
        List<Mapper> mappers = domains.stream()
                .map(domain -> (Mapper) new DomainMapper(domain, shape))
                .toList();
        return new DomainMappers(mappers, Map.of());
    }

    /** Opens the spaces of the groups; a group that is opened later than this needs new ones. */
    static DomainMappers opened(List<String> domains, DomainShape shape, Optional<IommuService> service) {
        List<Mapper> mappers = new ArrayList<>();
        Map<String, String> sources = new LinkedHashMap<>();
        for (String domain : domains) {
            if (domain.startsWith(IommuService.GROUPS)) {
                group(domain, shape, service, sources).ifPresent(mappers::add);
            } else {
                mappers.add(new DomainMapper(domain, shape));
            }
        }
        return new DomainMappers(mappers, sources);
    }

    private static Optional<Mapper> group(
            String domain, DomainShape shape, Optional<IommuService> service, Map<String, String> sources) {
        if (service.isEmpty()) {
            none(domain, sources, "no service for IOMMU groups is present: start dmabuf.linux");
            return Optional.empty();
        }
        try {
            GroupMapper mapper = open(domain, shape, service.get());
            sources.put(SOURCE + domain, mapper.source());
            return Optional.of(mapper);
        } catch (DmaBufException e) {
            none(domain, sources, e.explanation().text() + "; then restart the bundle allocator.iommu");
            return Optional.empty();
        }
    }

    private static GroupMapper open(String domain, DomainShape shape, IommuService service) {
        IommuSpace space = service.open(domain.substring(IommuService.GROUPS.length()));
        boolean taken = false;
        try {
            GroupMapper mapper = new GroupMapper(domain, space, shape);
            taken = true;
            return mapper;
        } finally {
            if (!taken) {
                space.close();
            }
        }
    }

    private static void none(String domain, Map<String, String> sources, String why) {
        sources.put(SOURCE + domain, "none");
        sources.put(SOURCE + domain + " not iommufd or vfio-type1", why);
    }
}
