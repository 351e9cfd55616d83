// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRanges;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Board.BoardAllocator;
import dmabuf.api.spi.Board.BoardDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The board that this machine is: the devices of its device tree where it has one, those on PCI, and the cameras and
 * displays that are neither; each with the file in /dev that programs use, and with what sysfs says and what the profile
 * table knows side by side. Any machine is a board, so that everything runs on it.
 */
final class Machine {
    private static final Path TREE = Path.of("proc/device-tree");

    private final Sysfs sysfs;
    private final ProfileTable profiles;

    Machine(Sysfs sysfs, ProfileTable profiles) {
        this.sysfs = sysfs;
        this.profiles = profiles;
    }

    /**
     * Returns the board.
     *
     * @param ram RAM that holds instead of what the machine states, or empty
     * @throws dmabuf.api.DmaBufException INVALID or ACCESS when its device tree cannot be read
     */
    Board board(Optional<AddressRanges> ram) {
        Path tree = sysfs.real(TREE);
        return sysfs.exists(TREE)
                ? new TreeBoardReader(profiles).read(tree, understood -> withPci(understood, ram))
                : withoutTree(ram);
    }

    private Board withPci(BoardTree tree, Optional<AddressRanges> ram) {
        PciDevices pci = new PciDevices(sysfs, profiles);
        Optional<AddressRanges> known = ram.or(() -> tree.hasRam() ? Optional.empty() : new MachineMemory(sysfs).read());
        return new Board(
                tree.model(),
                tree.nodes().stream().map(NodeDevice::toBoardNode).toList(),
                complete(Stream.concat(tree.devices().stream(), pci.devices().stream())),
                allocators(tree.memory(known), domains(tree.domains(), pci), known.isPresent() || tree.hasRam()));
    }

    private Board withoutTree(Optional<AddressRanges> ram) {
        PciDevices pci = new PciDevices(sysfs, profiles);
        MachineMemory machine = new MachineMemory(sysfs);
        Optional<AddressRanges> known = ram.or(machine::read);
        AddressRanges there = known.orElseGet(machine::model);
        MemoryMap memory = MemoryMap.of(TreeImage.EMPTY, OptionalLong.empty(), Optional.of(there));
        String model = sysfs.text(Path.of("sys/class/dmi/id/product_name")).orElse("");
        return new Board(
                model,
                List.of(),
                complete(pci.devices().stream()),
                allocators(memory, domains(List.of(), pci), known.isPresent()));
    }

    /** Real memory lies where the machine has it: RAM of a model is not handed to who promises places of real memory. */
    private static List<BoardAllocator> allocators(MemoryMap memory, List<IommuDomain> domains, boolean isKnown) {
        List<BoardAllocator> allocators = BoardAllocators.of(memory, domains);
        return isKnown ? allocators : BoardAllocators.withoutRam(allocators);
    }

    /** Adds the devices that only have a file in /dev, and the files of the others. */
    private List<BoardDevice> complete(Stream<BoardDevice> found) {
        List<BoardDevice> devices = new ArrayList<>(withFiles(found.toList()));
        Set<String> names = devices.stream().map(device -> device.device().name()).collect(Collectors.toSet());
        devices.addAll(new MediaDevices(sysfs, profiles).devices(names));
        devices.sort(Comparator.comparing(device -> device.device().name()));
        return devices;
    }

    private static List<IommuDomain> domains(List<IommuDomain> ofTree, PciDevices pci) {
        List<IommuDomain> domains = new ArrayList<>(ofTree);
        pci.domains().forEach(group -> domains.add(IommuDomain.of(group.name(), group.reserved())));
        return domains;
    }

    private List<BoardDevice> withFiles(List<BoardDevice> devices) {
        VideoNodes files = new VideoNodes(sysfs);
        return devices.stream()
                .map(device -> files.of(device.device().name())
                        .map(file -> withFile(device, file))
                        .orElse(device))
                .toList();
    }

    private static BoardDevice withFile(BoardDevice device, String file) {
        Map<String, Object> properties = new HashMap<>(device.properties());
        properties.put("node", file);
        return new BoardDevice(device.device(), properties);
    }
}
