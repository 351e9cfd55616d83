// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.BusWindow;
import dmabuf.api.DmaBufException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What the buses above a device let it reach. The walk goes from the DMA parent upward; the first {@code dma-ranges}
 * with entries states the windows. An empty one is passed; a missing one is passed at the first step and ends the walk
 * later. No windows mean that the device sees all memory at its CPU addresses.
 *
 * <p>An entry is kept as it stands: Linux joins entries that continue each other, which only lets segments cross where
 * this runtime does not; no known tree has such entries.
 *
 * <p>Source: {@code of_dma_get_range} and {@code of_translate_dma_address} in Linux' drivers/of/address.c. Not for
 * several threads.
 */
final class BusWindows {
    /** Entries of one {@code dma-ranges}; the largest known has 3. */
    static final int MAX_WINDOWS = 16;

    /** Cells of an address whose first cell is flags: PCI and its like. */
    private static final int CELLS_WITH_FLAGS = 3;

    private static final String DMA_RANGES = "dma-ranges";

    private final DmaParents parents;
    private final Map<TreeNode, List<BusWindow>> byBus = new HashMap<>();

    BusWindows(DmaParents parents) {
        this.parents = parents;
    }

    /**
     * Returns the windows of a device in the order of the tree, without those of size 0 and those that no bus above
     * translates; none when it reaches all memory.
     *
     * @throws dmabuf.api.DmaBufException INVALID when the DMA parents form a cycle or the windows are too many
     */
    List<BusWindow> of(TreeNode device) {
        TreeNode bus = parents.of(device);
        return bus == null ? List.of() : byBus.computeIfAbsent(bus, start -> walk(device));
    }

    private List<BusWindow> walk(TreeNode device) {
        List<TreeNode> chain = parents.chain(device);
        for (int i = 0; i < chain.size(); i++) {
            TreeNode bus = chain.get(i);
            if (hasEntries(bus)) {
                return windows(bus, chain.subList(i + 1, chain.size()));
            }
            if (i > 0 && !bus.has(DMA_RANGES)) {
                return List.of();
            }
        }
        return List.of();
    }

    private static boolean hasEntries(TreeNode bus) {
        return bus.property(DMA_RANGES).filter(ranges -> !ranges.isEmpty()).isPresent();
    }

    private static List<BusWindow> windows(TreeNode bus, List<TreeNode> above) {
        List<BusWindow> windows = new ArrayList<>();
        for (Entry entry : entries(bus)) {
            OptionalLong cpu = translate(entry.parent(), bus, above);
            if (cpu.isPresent() && entry.byteSize() != 0) {
                windows.add(window(bus, entry.child().value(), cpu.getAsLong(), entry.byteSize()));
            }
        }
        return List.copyOf(windows);
    }

    private static BusWindow window(TreeNode bus, long child, long cpu, long byteSize) {
        try {
            return new BusWindow(child, cpu, byteSize);
        } catch (DmaBufException beyond) {
            throw BrokenTree.in(
                    bus.property(DMA_RANGES).orElseThrow().place(),
                    "a window of " + bus + ": " + beyond.getMessage());
        }
    }

    /** Takes an address on the bus above the given one up to the CPU; empty when a bus on the way does not. */
    private static OptionalLong translate(Address address, TreeNode bus, List<TreeNode> above) {
        if (above.isEmpty() || !carriesAddresses(bus)) {
            return OptionalLong.empty();
        }
        Address current = address;
        for (TreeNode next : above.subList(0, above.size() - 1)) {
            if (!carriesAddresses(next)) {
                return OptionalLong.empty();
            }
            if (hasEntries(next)) {
                Address below = current;
                Entry entry = entries(next).stream()
                        .filter(candidate -> candidate.covers(below))
                        .findFirst()
                        .orElse(null);
                if (entry == null) {
                    return OptionalLong.empty();
                }
                current = entry.translated(below);
            }
        }
        return OptionalLong.of(current.value());
    }

    /** Returns whether the bus above a node has addresses and sizes; Linux translates nothing where it has not. */
    private static boolean carriesAddresses(TreeNode node) {
        return CellCounts.parentAddress(node) > 0 && CellCounts.parentSize(node) > 0;
    }

    private static List<Entry> entries(TreeNode bus) {
        TreeProperty ranges = bus.property(DMA_RANGES).orElseThrow();
        int childCells = CellCounts.address(bus);
        int parentCells = CellCounts.parentAddress(bus);
        int sizeCells = CellCounts.size(bus);
        int cells = childCells + parentCells + sizeCells;
        if (cells == 0 || ranges.cellCount() / cells > MAX_WINDOWS) {
            throw BrokenTree.in(ranges.place(), "dma-ranges of " + bus + " has more than " + MAX_WINDOWS + " entries");
        }
        List<Entry> entries = new ArrayList<>();
        for (int at = 0; at + cells <= ranges.cellCount(); at += cells) {
            entries.add(new Entry(
                    address(ranges, at, childCells),
                    address(ranges, at + childCells, parentCells),
                    ranges.number(at + childCells + parentCells, sizeCells)));
        }
        return entries;
    }

    private static Address address(TreeProperty ranges, int at, int cells) {
        return cells == CELLS_WITH_FLAGS
                ? new Address(ranges.cell(at), ranges.number(at + 1, cells - 1))
                : new Address(0, ranges.number(at, cells));
    }

    /**
     * An address on a bus.
     *
     * @param flags the first of three cells (on PCI the address space), else 0
     * @param value the rest, unsigned
     */
    private record Address(int flags, long value) {}

    /**
     * One entry of {@code dma-ranges}.
     *
     * @param child where it begins on the bus
     * @param parent where that is on the bus above
     * @param byteSize the length, unsigned
     */
    private record Entry(Address child, Address parent, long byteSize) {
        boolean covers(Address address) {
            return Long.compareUnsigned(address.value, child.value) >= 0
                    && Long.compareUnsigned(address.value - child.value, byteSize) < 0;
        }

        Address translated(Address address) {
            return new Address(parent.flags, parent.value + (address.value - child.value));
        }
    }
}
