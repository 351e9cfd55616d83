// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The memory of a board as the board model has it: what ordinary allocations get, and the pools of contiguous memory.
 *
 * <p>Source: contract section 8; the formats are those of the reserved-memory binding of dt-schema.
 *
 * @param ram what {@code system} may hand out: RAM without what is reserved and without the pools
 * @param pools the pools, the default one first
 */
record MemoryMap(AddressRanges ram, List<Pool> pools) {
    /** Bytes of RAM where the tree does not say: 2 GiB. */
    private static final long ASSUMED_RAM = 2L << 30;

    /** Bytes of Linux' default area for contiguous memory (CONFIG_CMA_SIZE_MBYTES=64 in Debian's arm64 kernel). */
    private static final long DEFAULT_POOL = 64L << 20;

    private static final AddressRange BELOW_4_GIB = new AddressRange(0, 0xffff_ffffL);
    private static final long PAGE = 4096;
    private static final int MAX_NODES = 128;
    private static final String DEFAULT_NAME = "contig";

    MemoryMap {
        pools = List.copyOf(pools);
    }

    /**
     * A pool of contiguous memory.
     *
     * @param name the name of its node; {@code contig} for the default one
     * @param range where it lies
     * @param own whether it is only for devices that name it
     */
    record Pool(String name, AddressRange range, boolean own) {}

    /** Returns the name of the pool that a reserved region is. */
    static String poolName(TreeNode region) {
        return isDefault(region) ? DEFAULT_NAME : region.name();
    }

    /**
     * Reads the memory of a board.
     *
     * @param image the tree and what its header reserves
     * @param lowestWindow the lowest CPU address of any bus window: where RAM begins when the tree does not say
     * @param instead RAM that holds instead of the tree's
     * @throws dmabuf.api.DmaBufException INVALID, with the place, when a region ends beyond 2^64, an alignment is no
     *     power of two, or there are absurdly many
     */
    static MemoryMap of(TreeImage image, OptionalLong lowestWindow, Optional<AddressRanges> instead) {
        FreeMemory free = new FreeMemory(
                instead.map(AddressRanges::intervals).orElseGet(() -> ram(image.tree(), lowestWindow)));
        image.reservations().forEach(free::take);
        List<TreeNode> reserved = bounded(image.tree().find("/reserved-memory").stream()
                .flatMap(parent -> parent.children().stream())
                .filter(TreeNode::isEnabled)
                .toList());
        List<Pool> pools = new ArrayList<>();
        reserved.forEach(node -> takeStated(node, free).ifPresent(range -> addPool(node, range, pools)));
        reserved.forEach(node -> takePlaced(node, free).ifPresent(range -> addPool(node, range, pools)));
        if (pools.stream().allMatch(Pool::own)) {
            free.takeHighest(DEFAULT_POOL, PAGE, AddressRanges.of(BELOW_4_GIB))
                    .ifPresent(range -> pools.addFirst(new Pool(DEFAULT_NAME, range, false)));
        }
        return new MemoryMap(free.ranges(), pools);
    }

    /** Returns whether a tree says where RAM lies, and how much it is; the error is that of {@link #of}. */
    static boolean isStated(DeviceTree tree) {
        return !stated(memoryNodes(tree)).isEmpty();
    }

    private static List<AddressRange> ram(DeviceTree tree, OptionalLong lowestWindow) {
        List<TreeNode> memory = memoryNodes(tree);
        List<AddressRange> ram = stated(memory);
        return ram.isEmpty() ? List.of(assumed(memory, lowestWindow)) : ram;
    }

    private static List<TreeNode> memoryNodes(DeviceTree tree) {
        return bounded(tree.root().children().stream()
                .filter(node -> node.isEnabled() && isMemory(node))
                .toList());
    }

    private static List<AddressRange> stated(List<TreeNode> memory) {
        return memory.stream().flatMap(node -> RegionList.of(node, "reg").stream()).toList();
    }

    /** Keeps the work on a broken tree small. */
    private static List<TreeNode> bounded(List<TreeNode> nodes) {
        if (nodes.size() > MAX_NODES) {
            throw BrokenTree.in(
                    nodes.getLast().place(), "more than " + MAX_NODES + " nodes like " + nodes.getFirst());
        }
        return nodes;
    }

    private static boolean isMemory(TreeNode node) {
        return node.baseName().equals("memory")
                || node.property("device_type").filter(type -> type.says("memory")).isPresent();
    }

    private static AddressRange assumed(List<TreeNode> memory, OptionalLong lowestWindow) {
        for (TreeNode node : memory) {
            int cells = CellCounts.parentAddress(node);
            Optional<TreeProperty> reg =
                    node.property("reg").filter(list -> cells > 0 && list.cellCount() >= cells);
            if (reg.isPresent()) {
                return RegionList.range(reg.get().number(0, cells), ASSUMED_RAM, node, reg.get());
            }
        }
        long base = lowestWindow.orElse(0);
        long last = base + ASSUMED_RAM - 1;
        return new AddressRange(base, Long.compareUnsigned(last, base) < 0 ? -1 : last);
    }

    /** Takes out what {@code reg} states; returns its first region, which is the one that a pool gets. */
    private static Optional<AddressRange> takeStated(TreeNode node, FreeMemory free) {
        List<AddressRange> regions = RegionList.of(node, "reg");
        regions.forEach(free::take);
        return regions.stream().findFirst();
    }

    /** Finds the place of a region that states only a size, as Linux does at boot. */
    private static Optional<AddressRange> takePlaced(TreeNode node, FreeMemory free) {
        Optional<TreeProperty> size = node.property("size").filter(value -> value.cellCount() > 0);
        if (node.has("reg") || size.isEmpty()) {
            return Optional.empty();
        }
        long byteSize = size.get().number(0, size.get().cellCount());
        AddressRanges within = node.has("alloc-ranges")
                ? FreeMemory.union(RegionList.of(node, "alloc-ranges"))
                : AddressRanges.ALL;
        return byteSize == 0 ? Optional.empty() : free.takeHighest(byteSize, alignment(node), within);
    }

    private static long alignment(TreeNode node) {
        Optional<TreeProperty> stated = node.property("alignment");
        long alignment = stated.map(value -> value.number(0, value.cellCount())).orElse(0L);
        if (alignment != 0 && Long.bitCount(alignment) != 1) {
            throw BrokenTree.in(
                    stated.orElseThrow().place(),
                    "alignment " + Long.toUnsignedString(alignment) + " of " + node + " is no power of two");
        }
        return Long.compareUnsigned(alignment, PAGE) > 0 ? alignment : PAGE;
    }

    private static boolean isDefault(TreeNode node) {
        return node.has("linux,cma-default");
    }

    private static void addPool(TreeNode node, AddressRange range, List<Pool> pools) {
        boolean taken = pools.stream().anyMatch(pool -> pool.range().intersect(range).isPresent());
        if (taken || !node.compatible().contains("shared-dma-pool")) {
            return;
        }
        if (isDefault(node) && pools.stream().allMatch(Pool::own)) {
            pools.addFirst(new Pool(DEFAULT_NAME, range, false));
        } else {
            pools.add(new Pool(node.name(), range, true));
        }
    }
}
