// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRanges;
import dmabuf.api.BusWindow;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Board.BoardDevice;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A device tree, understood: every enabled node below the root that says what it is, and the memory. Immutable. */
final class BoardTree {
    private final TreeImage image;
    private final ProfileTable profiles;
    private final List<NodeDevice> nodes;

    /**
     * Understands a tree.
     *
     * @throws dmabuf.api.DmaBufException INVALID, with the place, when something in it has no meaning
     */
    BoardTree(TreeImage image, ProfileTable profiles) {
        this.image = Objects.requireNonNull(image, "image");
        this.profiles = Objects.requireNonNull(profiles, "profiles");
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
    Board board(Optional<AddressRanges> ram) {
        return new Board(
                model(),
                nodes.stream().map(NodeDevice::toBoardNode).toList(),
                devices(),
                BoardAllocators.of(memory(ram), domains()));
    }

    /** Returns the root's model, else its first {@code compatible}, else empty text. */
    String model() {
        TreeNode root = image.tree().root();
        return root.strings("model").stream()
                .findFirst()
                .or(() -> root.compatible().stream().findFirst())
                .orElse("");
    }

    /** Returns the nodes, by path. */
    List<NodeDevice> nodes() {
        return nodes;
    }

    /** Returns the devices that take part in DMA, by path. */
    List<BoardDevice> devices() {
        return nodes.stream().flatMap(node -> node.toBoardDevice().stream()).toList();
    }

    /** Returns the memory; the parameter and the error are those of {@link #board}. */
    MemoryMap memory(Optional<AddressRanges> ram) {
        OptionalLong lowestWindow = nodes.stream()
                .flatMap(node -> node.windows().stream())
                .mapToLong(BusWindow::cpu)
                .reduce((a, b) -> Long.compareUnsigned(a, b) <= 0 ? a : b);
        return MemoryMap.of(image, lowestWindow, ram);
    }

    /** Returns whether the tree says where RAM lies. */
    boolean hasRam() {
        return MemoryMap.isStated(image.tree());
    }

    /** Returns the address spaces of the devices, by name. */
    List<IommuDomain> domains() {
        Map<String, DmaWiring.IommuStream> streams = nodes.stream()
                .filter(NodeDevice::takesPart)
                .flatMap(node -> node.iommus().stream().limit(1))
                .collect(Collectors.toMap(DmaWiring.IommuStream::domain, Function.identity(), (first, same) -> first));
        return streams.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(stream -> domain(stream.getKey(), stream.getValue().iommu()))
                .toList();
    }

    private IommuDomain domain(String name, TreeNode iommu) {
        Profile.Limits limits =
                profiles.of(iommu).filter(Profile::isIommu).map(Profile::limits).orElse(Profile.Limits.NONE);
        return new IommuDomain(
                name, limits.constraints().granule(), limits.aperture(), limits.outputBits(), AddressRanges.NONE);
    }
}
