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
 * The mappers of all domains: for a group that the kernel shows one that maps in truth, where the kernel lets us; else
 * that of the board model.
 *
 * @param mappers one for each domain, in their order
 * @param sources which way each group is mapped, and why no better one, in words
 */
record DomainMappers(List<Mapper> mappers, Map<String, String> sources) {
    /** Returns those of the board model. */
    static DomainMappers modelled(List<String> domains, DomainShape shape) {
        List<Mapper> mappers = domains.stream()
                .map(domain -> (Mapper) new DomainMapper(domain, shape))
                .toList();
        return new DomainMappers(mappers, Map.of());
    }

    /** Opens the spaces of the groups. */
    static DomainMappers opened(List<String> domains, DomainShape shape, Optional<IommuService> service) {
        List<Mapper> mappers = new ArrayList<>();
        Map<String, String> sources = new LinkedHashMap<>();
        for (String domain : domains) {
            mappers.add(domain.startsWith(IommuService.GROUPS)
                    ? group(domain, shape, service, sources)
                    : new DomainMapper(domain, shape));
        }
        return new DomainMappers(mappers, sources);
    }

    private static Mapper group(
            String domain, DomainShape shape, Optional<IommuService> service, Map<String, String> sources) {
        if (service.isEmpty()) {
            return modelled(domain, shape, sources, "no service for IOMMU groups is present: start dmabuf.linux");
        }
        try {
            GroupMapper mapper = open(domain, shape, service.get());
            sources.put("source of " + domain, mapper.source());
            return mapper;
        } catch (DmaBufException e) {
            return modelled(domain, shape, sources, e.explanation().text());
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

    private static Mapper modelled(String domain, DomainShape shape, Map<String, String> sources, String why) {
        sources.put("source of " + domain, "the board model: nothing is mapped in truth");
        sources.put("source of " + domain + " not iommufd or vfio-type1", why);
        return new DomainMapper(domain, shape);
    }
}
