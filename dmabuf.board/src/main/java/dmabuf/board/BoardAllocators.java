// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Board.BoardAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The allocators that serve a board: {@code system} on the RAM that is left, {@code contig} on the default pool, one
 * more of type contig for each other pool, and {@code iommu} for all domains. Source: contract sections 5 and 8.
 */
final class BoardAllocators {
    private static final int PRIORITY_IOMMU = 300;
    private static final int PRIORITY_SYSTEM = 200;
    private static final int PRIORITY_CONTIG = 100;

    private BoardAllocators() {}

    /** Returns the allocators for some memory and the devices on it; none of a kind that would have nothing. */
    static List<BoardAllocator> of(MemoryMap memory, List<NodeDevice> nodes) {
        List<BoardAllocator> allocators = new ArrayList<>();
        memory.pools().forEach(pool -> allocators.add(contig(pool)));
        List<String> domains = nodes.stream()
                .filter(NodeDevice::takesPart)
                .flatMap(node -> node.domain().stream())
                .distinct()
                .sorted()
                .toList();
        if (memory.ram().isEmpty()) {
            return allocators;
        }
        String ram = memory.ram().toString();
        allocators.add(new BoardAllocator(AllocatorSpec.of("system", "system", PRIORITY_SYSTEM), Map.of("ram", ram)));
        if (!domains.isEmpty()) {
            allocators.add(new BoardAllocator(
                    AllocatorSpec.of("iommu", "iommu", PRIORITY_IOMMU),
                    Map.of("ram", ram, "domains", String.join(",", domains))));
        }
        return allocators;
    }

    private static BoardAllocator contig(MemoryMap.Pool pool) {
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
        return new BoardAllocator(
                spec,
                Map.of(
                        "base", Long.toUnsignedString(pool.range().first()),
                        "size", Long.toUnsignedString(pool.range().byteSize())));
    }
}
