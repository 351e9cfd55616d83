// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.BusWindow;
import dmabuf.api.Device;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.Board.BoardDevice;
import dmabuf.api.spi.Board.BoardNode;
import dmabuf.board.Profile.Limits;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One node as a participant in DMA: what the tree and the profile table say together.
 *
 * @param node the node
 * @param profile what its driver knows, where the table has it
 * @param iommus the enabled IOMMUs that it sits behind
 * @param coherent whether it sees the CPU's caches
 * @param windows its bus windows
 * @param regions its memory regions
 * @param driver the constraints that the profile states
 * @param path its way to memory, or empty when windows, mask and aperture leave none
 */
record NodeDevice(
        TreeNode node,
        Optional<Profile> profile,
        List<DmaWiring.IommuStream> iommus,
        boolean coherent,
        List<BusWindow> windows,
        List<TreeNode> regions,
        DmaConstraints driver,
        Optional<DmaPath> path) {
    /** Generic names (Devicetree Specification v0.4, section 2.2.2) of what masters a bus in every known case. */
    private static final Set<String> MASTERS = Set.of(
            "crypto", "dma-controller", "dsp", "ethernet", "gpu", "hda", "mmc", "npu", "pcie", "sata", "ufs", "usb",
            "video-codec");

    /** Properties that only what takes part in DMA has; the last makes a DMA controller. */
    private static final List<String> SIGNS =
            List.of("iommus", "iommu-map", "memory-region", "dma-coherent", "dma-noncoherent", "#dma-cells");

    private static final Set<String> BUSES = Set.of("simple-bus", "simple-mfd", "simple-pm-bus");

    NodeDevice {
        iommus = List.copyOf(iommus);
        windows = List.copyOf(windows);
        regions = List.copyOf(regions);
    }

    /** Collects what the tree says of a node. */
    static NodeDevice of(TreeNode node, DmaWiring wiring, ProfileTable profiles) {
        Optional<Profile> profile = profiles.of(node);
        List<DmaWiring.IommuStream> iommus = wiring.iommus(node);
        boolean coherent = wiring.isCoherent(node);
        List<BusWindow> windows = wiring.windows(node);
        List<TreeNode> regions = wiring.memoryRegions(node);
        Limits limits = profile.filter(row -> !row.isIommu()).map(Profile::limits).orElse(Limits.NONE);
        DmaConstraints driver = driverConstraints(limits, regions);
        Optional<DmaPath> path = path(driver, limits, coherent, windows, domain(iommus));
        return new NodeDevice(node, profile, iommus, coherent, windows, regions, driver, path);
    }

    /**
     * Returns whether the node takes part in DMA: it has a row in the profile table that is not an IOMMU's; or it has
     * one of the {@link #SIGNS}, or registers and a generic name of the {@link #MASTERS}, and is no bus. Windows alone
     * are no sign: every node below such a bus has them. A node that reaches no memory at all takes no part.
     */
    boolean takesPart() {
        boolean known = profile.isPresent() && !profile.get().isIommu();
        return (known || looksLikeMaster()) && path.isPresent();
    }

    private boolean looksLikeMaster() {
        boolean bus = node.compatible().stream().anyMatch(BUSES::contains);
        boolean iommu = node.has("#iommu-cells");
        return !bus && !iommu && (SIGNS.stream().anyMatch(node::has) || isNamedMaster());
    }

    private boolean isNamedMaster() {
        return node.has("reg") && MASTERS.contains(node.baseName());
    }

    /**
     * Returns the constraints that follow: the driver's, and on a direct way the CPU addresses that windows, mask and
     * aperture leave. Behind an IOMMU the range stays open, for it limits no physical page.
     */
    DmaConstraints constraints() {
        return path.filter(way -> way.iommu().isEmpty())
                .map(way -> way.constraints().toBuilder().addressRanges(way.reachable()).build())
                .orElse(driver);
    }

    /** Returns the node as listings show it. */
    BoardNode toBoardNode() {
        return new BoardNode(
                node.path(),
                node.compatible(),
                iommus.stream().map(stream -> stream.iommu().path()).distinct().toList(),
                coherent,
                windows,
                regions.stream().map(TreeNode::path).toList(),
                constraints(),
                profile.map(Profile::key),
                takesPart());
    }

    /** Returns the node as a device, or empty when it takes no part in DMA. */
    Optional<BoardDevice> toBoardDevice() {
        return path.filter(way -> takesPart())
                .map(way -> new BoardDevice(Device.of(node.path(), List.of(way)), properties()));
    }

    private Map<String, Object> properties() {
        Map<String, Object> properties = new HashMap<>();
        properties.put("name", node.path());
        properties.put("path", node.path());
        properties.put("compatible", node.compatible().toArray(String[]::new));
        List<String> functions = profile.map(Profile::functions)
                .orElseGet(() -> node.has("#dma-cells") ? List.of("dma") : List.of());
        if (!functions.isEmpty()) {
            properties.put("function", functions.toArray(String[]::new));
        }
        profile.ifPresent(row -> properties.put("family", row.family()));
        return properties;
    }

    /** Returns the name of the address space: that of the first stream, since a device has one space only. */
    private static Optional<String> domain(List<DmaWiring.IommuStream> iommus) {
        return iommus.stream().findFirst().map(DmaWiring.IommuStream::domain);
    }

    private static DmaConstraints driverConstraints(Limits limits, List<TreeNode> regions) {
        List<String> pools = regions.stream()
                .filter(region -> region.compatible().contains("shared-dma-pool"))
                .map(MemoryMap::poolName)
                .toList();
        return limits.ownRegions() && !pools.isEmpty()
                ? limits.constraints().toBuilder().pools(pools).build()
                : limits.constraints();
    }

    private static Optional<DmaPath> path(
            DmaConstraints driver,
            Limits limits,
            boolean coherent,
            List<BusWindow> windows,
            Optional<String> domain) {
        try {
            DmaPath path = DmaPath.of(driver).withCoherent(coherent).withWindows(windows);
            path = limits.maskBits().isPresent() ? path.withMaskBits(limits.maskBits().getAsInt()) : path;
            path = limits.aperture().isPresent() ? path.withAperture(limits.aperture().get()) : path;
            return Optional.of(domain.isPresent() ? path.withIommu(domain.get()) : path);
        } catch (DmaBufException nothingLeft) {
            return Optional.empty();
        }
    }
}
