// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of a node's memory accesses through the tree: mostly that of its registers, but a device may be wired to
 * memory past its parent, and says so by an {@code interconnects} entry named "dma-mem".
 *
 * <p>Source: {@code __of_get_dma_parent} in Linux' drivers/of/address.c.
 */
final class DmaParents {
    /** Steps to the root; every level of the deepest tree, and as many turns aside. */
    private static final int MAX_STEPS = 2 * TreeBuilder.MAX_DEPTH;

    private static final String DMA_MEM = "dma-mem";
    private static final String INTERCONNECTS = "interconnects";

    private final DeviceTree tree;

    DmaParents(DeviceTree tree) {
        this.tree = tree;
    }

    /** Returns the node that forwards this node's memory accesses, or null when it is the root. */
    @Nullable TreeNode of(TreeNode node) {
        int index = node.strings("interconnect-names").indexOf(DMA_MEM);
        if (index < 0) {
            return node.parent();
        }
        List<DeviceTree.Reference> interconnects = tree.references(node, INTERCONNECTS, "#interconnect-cells");
        return index < interconnects.size() ? interconnects.get(index).target() : node.parent();
    }

    /**
     * Returns the nodes from the DMA parent of a node to the root, in that order.
     *
     * @throws dmabuf.api.DmaBufException INVALID when the way does not reach the root: a cycle, or absurdly long
     */
    List<TreeNode> chain(TreeNode node) {
        List<TreeNode> chain = new ArrayList<>();
        for (TreeNode next = of(node); next != null; next = of(next)) {
            chain.add(next);
            if (chain.size() > MAX_STEPS) {
                throw endless(node, chain);
            }
        }
        return chain;
    }

    /** Names the last node that turns aside: without one, no way is longer than the tree is deep. */
    private static RuntimeException endless(TreeNode node, List<TreeNode> chain) {
        TreeNode turning = chain.reversed().stream()
                .filter(step -> step.has(INTERCONNECTS))
                .findFirst()
                .orElse(node);
        return BrokenTree.in(
                turning.property(INTERCONNECTS).map(TreeProperty::place).orElse(new Place.Offset(0)),
                "the DMA parents of " + node + " go in a cycle through the interconnects of " + turning);
    }
}
