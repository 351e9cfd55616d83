// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorPublisher;
import dmabuf.api.spi.AllocatorSettings;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.MemorySource.Kind;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SourceOrder;
import dmabuf.api.spi.SourcedAllocator;
import java.util.ArrayList;
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
 * @param order where memory comes from
 * @param heaps the heaps that hand out just this pool, as sources
 * @param ram where other memory may lie
 * @param placing which of equal places the board model's pool gives out
 */
record ContigSettings(
        AllocatorSpec spec, AddressRange range, Optional<String> owner, SourceOrder order, List<String> heaps,
        AddressRanges ram, Placing placing) {
    private static final AllocatorSpec DEFAULTS = AllocatorSpec.of("contig", "contig", 100);
    private static final Set<String> KEYS = Set.of("base", "size", "private", "heaps", "ram", "placement");
    private static final Set<Kind> KINDS = Set.of(Kind.HEAP, Kind.HUGE_PAGES, Kind.HUGE_UDMABUF);

    /** The pool of Linux' default area. */
    private static final String DEFAULT_POOL = "contig";

    /** What kernels call the heap of the default area: by cma= or the tree's node, since 5.10 and since 6.16. */
    private static final List<String> DEFAULT_HEAPS =
            List.of("heap:reserved", "heap:linux,cma", "heap:default_cma_region", "hugepages");

    /**
     * Reads a configuration.
     *
     * @throws DmaBufException INVALID for an unknown key or a bad value
     */
    static ContigSettings of(Map<String, ?> configuration) {
        AllocatorSettings settings = AllocatorSettings.of(DEFAULTS, KEYS, configuration);
        return of(settings, SourceOrder.of(settings, automatic(settings), KINDS));
    }

    /** Reads the configuration of a pool for a sandbox, as above. */
    static ContigSettings ofSandbox(Map<String, ?> configuration) {
        AllocatorSettings settings = AllocatorSettings.of(DEFAULTS, KEYS, configuration);
        return of(settings, SourceOrder.ofSandbox(settings));
    }

    private static ContigSettings of(AllocatorSettings settings, SourceOrder order) {
        boolean owned = settings.flag("private");
        if (owned && settings.spec().pool().isEmpty()) {
            throw settings.refused("private", "name the pool, or no device can be permitted to use it");
        }
        return new ContigSettings(
                settings.spec(),
                range(settings),
                owned ? settings.spec().pool() : Optional.empty(),
                order,
                heaps(settings),
                settings.ranges("ram").orElse(AddressRanges.ALL),
                placing(settings));
    }

    private static Placing placing(AllocatorSettings settings) {
        List<String> words = settings.names("placement");
        return switch (words.size()) {
            case 0 -> Placing.LOWEST;
            case 1 -> Placing.of(words.getFirst()).orElseThrow(() -> settings.refused("placement", "it is lowest or frames"));
            default -> throw settings.refused("placement", "one word is wanted: lowest or frames");
        };
    }

    /** Only the default area's pool takes from the default area: any other is memory of its own. */
    private static SourceOrder automatic(AllocatorSettings settings) {
        List<String> sources = new ArrayList<>(heaps(settings));
        if (settings.spec().id().equals(DEFAULT_POOL)) {
            sources.addAll(DEFAULT_HEAPS);
        }
        return new SourceOrder(sources.stream().distinct().toList(), true);
    }

    /** The heap that has the pool's name, as Linux names the heap of a reserved region by its node, and those that are stated. */
    private static List<String> heaps(AllocatorSettings settings) {
        String own = settings.spec().pool().orElse(settings.spec().id());
        List<String> heaps = new ArrayList<>();
        if (!own.equals(DEFAULT_POOL) && !own.contains("/")) {
            heaps.add("heap:" + own);
        }
        settings.names("heaps").forEach(name -> heaps.add("heap:" + name));
        return heaps.stream().distinct().toList();
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

    /** Returns whether a heap hands out just this pool. */
    boolean isOfPool(MemorySource heap) {
        return new SourceOrder(heaps, false).expanded(List.of(heap.heap())).contains(heap);
    }

    AllocatorPublisher.Offer offer(MemoryService memory) {
        return new AllocatorPublisher.Offer(
                spec, List.of(range, owner, order, heaps, ram, placing), () -> product(memory));
    }

    private AllocatorFactory.Product product(MemoryService memory) {
        AllocatorFactory.Product modelled = product();
        return order.isModelAlone()
                ? modelled
                : new AllocatorFactory.Product(
                        new SourcedAllocator(
                                order, memory, new PoolPages(this, memory), this::reaches, modelled.allocator()),
                        List.of());
    }

    private boolean reaches(Participant device) {
        DmaPath path = device.path();
        return ContigAllocator.permits(owner, path)
                && (path.iommu().isPresent()
                        || !path.reachable().intersect(range).isEmpty()
                        || !path.reachable().intersect(ram).isEmpty());
    }

    /** Makes the allocator of the board model. */
    AllocatorFactory.Product product() {
        return new AllocatorFactory.Product(new ContigAllocator(range, owner, placing), List.of());
    }
}
