// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.Device;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.spi.Board.BoardDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The PCI devices of the running machine. {@code dma_mask_bits} bounds what a device can be given;
 * {@code consistent_dma_mask_bits} does so only where its profile requires coherent memory.
 *
 * <p>Source of the files: Documentation/ABI/testing/sysfs-bus-pci and sysfs-kernel-iommu_groups in Linux; of the
 * {@code compatible} strings: the PCI Bus Binding to Open Firmware, 4.1.2.
 */
final class PciDevices {
    private static final Path DEVICES = Path.of("sys/bus/pci/devices");

    /** Base classes of the PCI code list that say what a device is for. */
    private static final Map<String, String> FUNCTIONS = Map.of("03", "display", "12", "npu", "0801", "dma");

    private static final String BRIDGE = "06";

    private final Sysfs sysfs;
    private final ProfileTable profiles;

    /** Reads below the given root of the file system. */
    PciDevices(Sysfs sysfs, ProfileTable profiles) {
        this.sysfs = sysfs;
        this.profiles = profiles;
    }

    /** Returns the devices that master the bus, by path; none on a machine without PCI. */
    List<BoardDevice> devices() {
        return sysfs.list(DEVICES).stream()
                .filter(entry -> !number(entry, "class", 6).startsWith(BRIDGE))
                .flatMap(entry -> device(entry).stream())
                .sorted((a, b) -> a.device().name().compareTo(b.device().name()))
                .toList();
    }

    /** Returns the addresses that no mapping may use, by the domain of each IOMMU group that translates. */
    Map<String, AddressRanges> reservedByDomain() {
        Map<String, AddressRanges> reserved = new TreeMap<>();
        sysfs.list(DEVICES).forEach(entry ->
                group(entry).ifPresent(group -> reserved.computeIfAbsent(sysfs.name(group), name -> reserved(group))));
        return reserved;
    }

    private Optional<BoardDevice> device(Path entry) {
        List<String> compatible = compatible(entry);
        Optional<Profile> profile = profiles.of(compatible);
        Profile.Limits limits = profile.map(Profile::limits).orElse(Profile.Limits.NONE);
        Optional<Integer> mask = sysfs.text(entry.resolve("dma_mask_bits")).flatMap(PciDevices::bits);
        if (limits.constraints().isCoherentRequired()) {
            Path consistent = entry.resolve("consistent_dma_mask_bits");
            Optional<Integer> coherent = sysfs.text(consistent).flatMap(PciDevices::bits);
            mask = Stream.concat(mask.stream(), coherent.stream()).min(Integer::compare);
        }
        Optional<DmaPath> path = mask.flatMap(bits -> path(limits, bits, group(entry).map(sysfs::name)));
        return path.map(way -> {
            String name = sysfs.name(sysfs.real(entry));
            return new BoardDevice(Device.of(name, List.of(way)), properties(entry, name, compatible, profile));
        });
    }

    private static Optional<DmaPath> path(Profile.Limits limits, int maskBits, Optional<String> domain) {
        try {
            DmaPath path = DmaPath.of(limits.constraints()).withCoherent(isCoherentMachine());
            path = path.withMaskBits(Math.min(maskBits, limits.maskBits().orElse(Long.SIZE)));
            path = limits.aperture().isPresent() ? path.withAperture(limits.aperture().get()) : path;
            return Optional.of(domain.isPresent() ? path.withIommu(domain.get()) : path);
        } catch (DmaBufException nothingLeft) {
            return Optional.empty();
        }
    }

    /** Returns the group that a device is translated by; none without an IOMMU, or when it passes all through. */
    private Optional<Path> group(Path entry) {
        Path link = entry.resolve("iommu_group");
        return sysfs.exists(link)
                ? Optional.of(sysfs.real(link))
                        .filter(group -> !sysfs.text(group.resolve("type")).orElse("").equals("identity"))
                : Optional.empty();
    }

    private AddressRanges reserved(Path group) {
        List<AddressRange> ranges = new ArrayList<>();
        for (String line : sysfs.text(group.resolve("reserved_regions")).orElse("").lines().toList()) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length >= 2) {
                ranges.add(new AddressRange(Quantity.parse(words[0]), Quantity.parse(words[1])));
            }
        }
        return FreeMemory.union(ranges);
    }

    private Map<String, Object> properties(
            Path entry, String name, List<String> compatible, Optional<Profile> profile) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("name", name);
        properties.put("path", name);
        properties.put("compatible", compatible.toArray(String[]::new));
        profile.map(Profile::family).or(() -> driver(entry)).ifPresent(family -> properties.put("family", family));
        List<String> functions = profile.map(Profile::functions).orElseGet(() -> functions(entry));
        if (!functions.isEmpty()) {
            properties.put("function", functions.toArray(String[]::new));
        }
        return properties;
    }

    private Optional<String> driver(Path entry) {
        Path driver = entry.resolve("driver");
        return sysfs.exists(driver)
                ? Optional.of(String.valueOf(sysfs.real(driver).getFileName()))
                : Optional.empty();
    }

    private List<String> functions(Path entry) {
        String code = number(entry, "class", 6);
        return FUNCTIONS.entrySet().stream()
                .filter(known -> code.startsWith(known.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    private List<String> compatible(Path entry) {
        return List.of(
                "pci" + number(entry, "vendor", 4) + "," + number(entry, "device", 4),
                "pciclass," + number(entry, "class", 6));
    }

    /** Returns the last digits of a hexadecimal number, for example 8086 of 0x8086; zeros where there is none. */
    private String number(Path entry, String file, int digits) {
        String number = "0".repeat(digits) + sysfs.text(entry.resolve(file)).orElse("").replace("0x", "");
        return number.substring(number.length() - digits).toLowerCase(Locale.ROOT);
    }

    private static Optional<Integer> bits(String text) {
        try {
            return Optional.of(Integer.parseInt(text)).filter(bits -> bits >= 1 && bits <= Long.SIZE);
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    /** PCI is coherent on every PC; elsewhere a device tree would have to say so. */
    private static boolean isCoherentMachine() {
        return System.getProperty("os.arch", "").equals("amd64");
    }
}
