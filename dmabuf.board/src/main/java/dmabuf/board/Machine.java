// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Board.BoardDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The board that this machine is: the devices of its device tree where it has one, and those on PCI; each with the file
 * in /dev that programs use. A machine without a tree is a modest model of itself, so that everything runs on it.
 */
final class Machine {
    private static final Path TREE = Path.of("proc/device-tree");
    private static final Path MEMORY = Path.of("proc/meminfo");

    /** Where the model's RAM lies on a machine without a tree: as on a PC, with a hole below 4 GiB. */
    private static final AddressRange LOW_RAM = new AddressRange(0x10_0000, 0x7fff_ffffL);

    private static final long HIGH_RAM = 4L << 30;
    private static final long PAGE = 4096;

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
        List<BoardDevice> devices = Stream.concat(tree.devices().stream(), pci.devices().stream())
                .sorted(Comparator.comparing(device -> device.device().name()))
                .toList();
        return new Board(
                tree.model(),
                tree.nodes().stream().map(NodeDevice::toBoardNode).toList(),
                withFiles(devices),
                BoardAllocators.of(tree.memory(ram), domains(tree.domains(), pci)));
    }

    private Board withoutTree(Optional<AddressRanges> ram) {
        PciDevices pci = new PciDevices(sysfs, profiles);
        MemoryMap memory = MemoryMap.of(TreeImage.EMPTY, OptionalLong.empty(), Optional.of(ram.orElseGet(this::ram)));
        String model = sysfs.text(Path.of("sys/class/dmi/id/product_name")).orElse("");
        return new Board(
                model, List.of(), withFiles(pci.devices()), BoardAllocators.of(memory, domains(List.of(), pci)));
    }

    private static List<IommuDomain> domains(List<IommuDomain> ofTree, PciDevices pci) {
        List<IommuDomain> domains = new ArrayList<>(ofTree);
        pci.reservedByDomain().forEach((name, reserved) ->
                domains.add(IommuDomain.of(name, reserved)));
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

    /** Returns as much RAM as the machine has, where a PC has it; just the low part when that is not known. */
    private AddressRanges ram() {
        long bytes = sysfs.text(MEMORY).stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> kibibytes(line) << 10 & -PAGE)
                .findFirst()
                .orElse(0);
        long rest = bytes - LOW_RAM.byteSize();
        return rest < PAGE
                ? AddressRanges.of(LOW_RAM)
                : AddressRanges.of(List.of(LOW_RAM, AddressRange.ofSize(HIGH_RAM, rest)));
    }

    private static long kibibytes(String line) {
        try {
            return Math.min(Long.parseLong(line.replaceAll("\\D", "")), 1L << 40);
        } catch (NumberFormatException notANumber) {
            return 0;
        }
    }
}
