// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.BusWindow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the nodes of a tree are wired to memory: windows, IOMMUs, coherence, memory regions. Source of each rule:
 * contract section 8, which follows Linux. Not for several threads.
 */
final class DmaWiring {
    private final DeviceTree tree;
    private final BusWindows windows;

    DmaWiring(DeviceTree tree) {
        this.tree = tree;
        this.windows = new BusWindows(new DmaParents(tree));
    }

    /** Returns the bus windows of a node in tree order; none when it sees all memory at CPU addresses. */
    List<BusWindow> windows(TreeNode node) {
        return windows.of(node);
    }

    /** Returns the enabled IOMMUs that a node sits behind, with the number of its stream in each, in order. */
    List<IommuStream> iommus(TreeNode node) {
        return tree.references(node, "iommus", "#iommu-cells").stream()
                .filter(reference -> reference.target().isEnabled())
                .map(reference -> new IommuStream(reference.target(), reference.specifier()))
                .toList();
    }

    /** Returns whether a node sees the CPU's caches: as the nearest node from itself upward says, else not. */
    boolean isCoherent(TreeNode node) {
        for (@Nullable TreeNode next = node; next != null; next = next.parent()) {
            if (next.has("dma-coherent")) {
                return true;
            }
            if (next.has("dma-noncoherent")) {
                return false;
            }
        }
        return false;
    }

    /** Returns the nodes that {@code memory-region} names, in order, enabled or not; who names nobody is left out. */
    List<TreeNode> memoryRegions(TreeNode node) {
        List<TreeNode> regions = new ArrayList<>();
        node.property("memory-region").ifPresent(phandles -> {
            for (int i = 0; i < phandles.cellCount(); i++) {
                tree.byPhandle(phandles.cell(i)).ifPresent(regions::add);
            }
        });
        return regions;
    }

    /**
     * A stream of accesses as an IOMMU tells it from others.
     *
     * @param iommu the IOMMU's node
     * @param specifier the number of the stream, as many cells as the IOMMU says
     */
    record IommuStream(TreeNode iommu, List<Integer> specifier) {
        /**
         * Returns the name of the stream's address space: the IOMMU's path, and behind it every cell of the specifier
         * as {@code :0x10a0}.
         */
        String domain() {
            StringBuilder name = new StringBuilder(iommu.path());
            specifier.forEach(cell -> name.append(":0x").append(Integer.toHexString(cell)));
            return name.toString();
        }
    }
}
