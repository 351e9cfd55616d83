// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.BusWindow;
import dmabuf.api.Device;
import dmabuf.api.DmaConstraints;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a device tree says: devices, and the allocators of its board model.
 *
 * @param model the root's model, or its first compatible, or empty text
 * @param nodes every enabled node below the root that has a {@code compatible}, by path in code points
 * @param devices the devices that take part in DMA, by path
 * @param allocators the allocators that serve this board
 */
public record Board(
        String model, List<BoardNode> nodes, List<BoardDevice> devices, List<BoardAllocator> allocators) {
    /** Copies the lists. */
    public Board {
        nodes = List.copyOf(nodes);
        devices = List.copyOf(devices);
        allocators = List.copyOf(allocators);
    }

    /**
     * One node as it stands in the tree.
     *
     * @param path the path
     * @param compatible the compatible strings
     * @param iommus the paths of the enabled IOMMUs it names, each once, in order
     * @param coherent whether it is coherent
     * @param windows the bus windows in tree order
     * @param memoryRegions the paths of its memory regions, in order
     * @param constraints the constraints that follow
     * @param profile the key of its row in the profile table, where there is one
     * @param dma whether it takes part in DMA
     */
    public record BoardNode(
            String path,
            List<String> compatible,
            List<String> iommus,
            boolean coherent,
            List<BusWindow> windows,
            List<String> memoryRegions,
            DmaConstraints constraints,
            Optional<String> profile,
            boolean dma) {
        /** Copies the lists. */
        public BoardNode {
            compatible = List.copyOf(compatible);
            iommus = List.copyOf(iommus);
            windows = List.copyOf(windows);
            memoryRegions = List.copyOf(memoryRegions);
        }
    }

    /**
     * A device with what filters see of it.
     *
     * @param device the device
     * @param properties properties without the prefix {@code dmabuf.device.}
     */
    public record BoardDevice(Device device, Map<String, Object> properties) {
        /** Copies the map. */
        public BoardDevice {
            properties = Map.copyOf(properties);
        }
    }

    /**
     * An allocator of the board model.
     *
     * @param spec its id, type, default priority, pool
     * @param configuration what its factory or its configuration takes
     */
    public record BoardAllocator(AllocatorSpec spec, Map<String, String> configuration) {
        /** Copies the map. */
        public BoardAllocator {
            configuration = Map.copyOf(configuration);
        }
    }
}
