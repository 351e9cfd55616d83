// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Board.BoardAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The allocators that serve a board: {@code system} on the RAM that is left, {@code contig} on the default pool, one
 * more of type contig for each other pool, and {@code iommu} for all domains. Source: contract sections 5 and 8.
 */
final class BoardAllocators {
    private static final int PRIORITY_IOMMU = 300;
    private static final int PRIORITY_SYSTEM = 200;
    private static final int PRIORITY_CONTIG = 100;

    /** What an IOMMU hands out where nothing is stated: 32 bits, without the lowest MiB. */
    private static final AddressRange DEFAULT_APERTURE = new AddressRange(0x10_0000, 0xffff_ffffL);

    /** The page of an IOMMU where nothing is stated, in bytes; every known one has it. */
    private static final long PAGE = 4096;

    private BoardAllocators() {}

    /**
     * Returns the allocators for some memory and the domains of its devices; none of a kind that would have nothing.
     * All domains are one allocator's, so it keeps to what every one of their IOMMUs can do.
     */
    static List<BoardAllocator> of(MemoryMap memory, List<IommuDomain> domains) {
        List<BoardAllocator> allocators = new ArrayList<>();
        memory.pools().forEach(pool -> allocators.add(contig(pool, everything(memory))));
        if (!memory.ram().isEmpty()) {
            String ram = memory.ram().toString();
            AllocatorSpec system = AllocatorSpec.of("system", "system", PRIORITY_SYSTEM);
            allocators.add(new BoardAllocator(system, Map.of("ram", ram)));
            if (!domains.isEmpty()) {
                AllocatorSpec iommu = AllocatorSpec.of("iommu", "iommu", PRIORITY_IOMMU);
                allocators.add(new BoardAllocator(iommu, iommu(domains, ram)));
            }
        }
        return allocators;
    }

    /** Returns the allocators of a board that is not this machine: none of them takes the machine's own memory. */
    static List<BoardAllocator> twin(List<BoardAllocator> allocators) {
        return allocators.stream().map(each -> with(each, Map.of("source", "model"))).toList();
    }

    /** Returns the allocators of a machine that does not say where its RAM lies: they promise no place. */
    static List<BoardAllocator> withoutRam(List<BoardAllocator> allocators) {
        return allocators.stream().map(BoardAllocators::withoutRam).toList();
    }

    private static BoardAllocator withoutRam(BoardAllocator allocator) {
        Map<String, String> configuration = new HashMap<>(allocator.configuration());
        configuration.remove("ram");
        return new BoardAllocator(allocator.spec(), configuration);
    }

    private static BoardAllocator with(BoardAllocator allocator, Map<String, String> more) {
        Map<String, String> configuration = new HashMap<>(allocator.configuration());
        configuration.putAll(more);
        return new BoardAllocator(allocator.spec(), configuration);
    }

    /** Where memory of a heap that is none of the pools may lie: anywhere. */
    private static AddressRanges everything(MemoryMap memory) {
        List<AddressRange> ranges = new ArrayList<>(memory.ram().intervals());
        memory.pools().forEach(pool -> ranges.add(pool.range()));
        return FreeMemory.union(ranges);
    }

    private static BoardAllocator contig(MemoryMap.Pool pool, AddressRanges everything) {
        AllocatorSpec spec = new AllocatorSpec(
                pool.name(),
                PRIORITY_CONTIG,
                "contig",
                pool.name(),
                Optional.of(pool.name()),
                OptionalInt.empty(),
                false,
                false,
                Set.of());
        String base = Long.toUnsignedString(pool.range().first());
        String size = Long.toUnsignedString(pool.range().byteSize());
        Map<String, String> configuration =
                new HashMap<>(Map.of("id", pool.name(), "pool", pool.name(), "base", base, "size", size, "ram", everything.toString()));
        if (pool.own()) {
            configuration.put("private", "true");
        }
        return new BoardAllocator(spec, configuration);
    }

    private static Map<String, String> iommu(List<IommuDomain> domains, String ram) {
        long granule = PAGE;
        AddressRanges aperture = AddressRanges.of(DEFAULT_APERTURE);
        List<AddressRange> reserved = new ArrayList<>();
        for (IommuDomain domain : domains) {
            granule = Math.max(granule, domain.granule());
            aperture = domain.aperture().map(aperture::intersect).orElse(aperture);
            reserved.addAll(domain.reserved().intervals());
        }
        Map<String, String> configuration = new HashMap<>(Map.of(
                "ram", ram,
                "domains", names(domains),
                "granule", Long.toString(granule),
                "aperture", (aperture.isEmpty() ? DEFAULT_APERTURE : aperture).toString()));
        domains.stream()
                .flatMapToInt(domain -> domain.outputBits().stream())
                .min()
                .ifPresent(bits -> configuration.put("outputBits", Integer.toString(bits)));
        if (!reserved.isEmpty()) {
            configuration.put("reserved", FreeMemory.union(reserved).toString());
        }
        return configuration;
    }

    /** Joins names with commas; one that belongs to a name is written with a backslash before it. */
    private static String names(List<IommuDomain> domains) {
        return domains.stream().map(domain -> domain.name().replace(",", "\\,")).collect(Collectors.joining(","));
    }
}
