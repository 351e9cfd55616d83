// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.BusWindow;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Board.BoardNode;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/** A device tree, understood: every enabled node below the root that says what it is, and the memory. Immutable. */
final class BoardTree {
    private final TreeImage image;
    private final List<NodeDevice> nodes;

    /**
     * Understands a tree.
     *
     * @throws dmabuf.api.DmaBufException INVALID, with the place, when something in it has no meaning
     */
    BoardTree(TreeImage image, ProfileTable profiles) {
        this.image = Objects.requireNonNull(image, "image");
        DmaWiring wiring = new DmaWiring(image.tree());
        this.nodes = image.tree().nodes().stream()
                .skip(1)
                .filter(node -> node.has("compatible") && node.isEnabled())
                .map(node -> NodeDevice.of(node, wiring, profiles))
                .sorted(Comparator.comparing(device -> device.node().path()))
                .toList();
    }

    /**
     * Returns the board.
     *
     * @param ram RAM that holds instead of what the tree states, or empty
     * @throws dmabuf.api.DmaBufException INVALID, with the place, when the memory that the tree states makes no sense
     */
    Board board(Optional<AddressRange> ram) {
        List<BoardNode> listed = nodes.stream().map(NodeDevice::toBoardNode).toList();
        OptionalLong lowestWindow = nodes.stream()
                .flatMap(node -> node.windows().stream())
                .mapToLong(BusWindow::cpu)
                .reduce((a, b) -> Long.compareUnsigned(a, b) <= 0 ? a : b);
        MemoryMap memory = MemoryMap.of(image, lowestWindow, ram);
        return new Board(
                model(),
                listed,
                nodes.stream().flatMap(node -> node.toBoardDevice().stream()).toList(),
                BoardAllocators.of(memory, nodes));
    }

    /** Returns the nodes, by path. */
    List<NodeDevice> nodes() {
        return nodes;
    }

    private String model() {
        TreeNode root = image.tree().root();
        return root.strings("model").stream()
                .findFirst()
                .or(() -> root.compatible().stream().findFirst())
                .orElse("");
    }
}
