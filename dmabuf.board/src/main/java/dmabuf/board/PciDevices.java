// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.ConstraintField;
import dmabuf.api.Device;
import dmabuf.api.DmaConstraintsBuilder;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.Board.BoardDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The PCI devices of the running machine. {@code dma_mask_bits} bounds what a device can be given;
 * {@code consistent_dma_mask_bits} does so only where its profile requires coherent memory. The mask is what the driver
 * in the kernel asked for, or the 32 bits that the kernel assumes where none did: a profile then holds instead.
 *
 * <p>One that is bound to vfio-pci is driven by a program, which maps through the domain of its IOMMU group. For one
 * that the kernel drives behind an IOMMU the kernel maps whatever it imports, so its way puts no demand on addresses
 * and segments.
 *
 * <p>Source of the files: Documentation/ABI/testing/sysfs-bus-pci in Linux; of the {@code compatible} strings: the PCI
 * Bus Binding to Open Firmware, 4.1.2; of the 32 bits: pci_setup_device in drivers/pci/probe.c.
 */
final class PciDevices {
    private static final Path DEVICES = Path.of("sys/bus/pci/devices");

    /** Base classes of the PCI code list that say what a device is for. */
    private static final Map<String, String> FUNCTIONS = Map.of("03", "display", "12", "npu", "0801", "dma");

    private static final String BRIDGE = "06";
    private static final String VFIO = "vfio-pci";

    /** What the kernel's mapping through an IOMMU takes care of. */
    private static final Set<ConstraintField> BY_THE_KERNEL = Set.of(
            ConstraintField.RANGE, ConstraintField.ALIGN, ConstraintField.MAX_SEGMENTS, ConstraintField.MAX_SEGMENT_SIZE,
            ConstraintField.BOUNDARY);

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

    /** Returns the groups that programs map through, by name. */
    List<IommuGroup> domains() {
        return sysfs.list(DEVICES).stream()
                .filter(this::isProgrammed)
                .flatMap(entry -> group(entry).stream())
                .filter(IommuGroup::real)
                .distinct()
                .sorted(Comparator.comparing(IommuGroup::name))
                .toList();
    }

    private Optional<BoardDevice> device(Path entry) {
        List<String> compatible = compatible(entry);
        Optional<Profile> profile = profiles.of(compatible);
        return path(entry, profile.map(Profile::limits).orElse(Profile.Limits.NONE)).map(way -> {
            String name = sysfs.name(sysfs.real(entry));
            return new BoardDevice(Device.of(name, List.of(way)), properties(entry, name, compatible, profile));
        });
    }

    private Optional<DmaPath> path(Path entry, Profile.Limits limits) {
        Optional<IommuGroup> group = group(entry);
        boolean programmed = isProgrammed(entry);
        if (group.filter(IommuGroup::isTranslating).isPresent() && !programmed && driver(entry).isPresent()) {
            DmaConstraintsBuilder mapped = limits.constraints().toBuilder();
            BY_THE_KERNEL.forEach(mapped::clear);
            return Optional.of(DmaPath.of(mapped.build()).withCoherent(isCoherentMachine()));
        }
        Optional<String> domain = group.filter(each -> programmed && each.real()).map(IommuGroup::name);
        OptionalInt mask = mask(entry, limits);
        return mask.isEmpty() ? Optional.empty() : limits.path(mask, domain, isCoherentMachine());
    }

    /** Returns the narrower of what the kernel's driver and the profile say; where no driver spoke, the profile's. */
    private OptionalInt mask(Path entry, Profile.Limits limits) {
        boolean spoke = driver(entry).isPresent() && !isProgrammed(entry);
        IntStream stated = limits.maskBits().stream();
        if (!spoke && limits.maskBits().isPresent()) {
            return stated.min();
        }
        IntStream coherent = limits.constraints().isCoherentRequired()
                ? bits(entry, "consistent_dma_mask_bits").stream()
                : IntStream.empty();
        OptionalInt mapped = bits(entry, "dma_mask_bits");
        return mapped.isEmpty()
                ? mapped
                : IntStream.concat(mapped.stream(), IntStream.concat(stated, coherent)).min();
    }

    /** Returns whether a program drives the device, by vfio. */
    private boolean isProgrammed(Path entry) {
        return driver(entry).filter(VFIO::equals).isPresent();
    }

    private Optional<IommuGroup> group(Path entry) {
        Path link = entry.resolve("iommu_group");
        return sysfs.exists(link) ? Optional.of(IommuGroup.read(sysfs, sysfs.real(link))) : Optional.empty();
    }

    /** Returns what sysfs says, on one line. */
    private String facts(Path entry) {
        List<String> words = new ArrayList<>();
        OptionalInt mask = bits(entry, "dma_mask_bits");
        OptionalInt coherent = bits(entry, "consistent_dma_mask_bits");
        mask.ifPresent(bits -> words.add("maskBits=" + bits));
        coherent.ifPresent(bits -> words.add(mask.equals(coherent) ? "" : "coherentMaskBits=" + bits));
        words.add("driver=" + driver(entry).orElse("none"));
        group(entry).ifPresent(group -> words.add("iommuGroup=" + group.number()));
        words.removeIf(String::isEmpty);
        return String.join(" ", words);
    }

    private Map<String, Object> properties(
            Path entry, String name, List<String> compatible, Optional<Profile> profile) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("name", name);
        properties.put("path", name);
        properties.put("compatible", compatible.toArray(String[]::new));
        properties.put("sysfs", facts(entry));
        group(entry).ifPresent(group -> properties.put("iommuGroup", group.toString()));
        driver(entry).ifPresent(family -> properties.put("family", family));
        List<String> functions = functions(entry);
        if (!functions.isEmpty()) {
            properties.put("function", functions.toArray(String[]::new));
        }
        profile.ifPresent(row -> properties.putAll(row.properties()));
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

    private OptionalInt bits(Path entry, String file) {
        try {
            return IntStream.of(Integer.parseInt(sysfs.text(entry.resolve(file)).orElse("")))
                    .filter(bits -> bits >= 1 && bits <= Long.SIZE)
                    .findFirst();
        } catch (NumberFormatException notANumber) {
            return OptionalInt.empty();
        }
    }

    /** PCI is coherent on every PC; elsewhere a device tree would have to say so. */
    static boolean isCoherentMachine() {
        return System.getProperty("os.arch", "").equals("amd64");
    }
}
