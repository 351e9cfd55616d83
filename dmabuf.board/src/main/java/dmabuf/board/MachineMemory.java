// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the RAM of a machine lies whose device tree does not say so: as the firmware told the kernel (which everybody may
 * read), else as the kernel uses it (which only root sees). Where neither does, a model has it as a PC of that size would,
 * which says nothing of where real memory lies.
 *
 * <p>Source: Documentation/ABI/testing/sysfs-firmware-memmap in Linux; /proc/iomem shows zeros to everybody but root.
 */
final class MachineMemory {
    private static final Path FIRMWARE = Path.of("sys/firmware/memmap");
    private static final Path KERNEL = Path.of("proc/iomem");
    private static final Path SIZE = Path.of("proc/meminfo");
    private static final String RAM = "System RAM";

    /** Where a PC has its first 2 GiB, without the lowest MiB; the rest is above 4 GiB. */
    private static final AddressRange LOW_RAM = new AddressRange(0x10_0000, 0x7fff_ffffL);

    private static final long HIGH_RAM = 4L << 30;
    private static final long PAGE = 4096;

    private final Sysfs sysfs;

    MachineMemory(Sysfs sysfs) {
        this.sysfs = sysfs;
    }

    /** Returns the RAM, in whole pages; empty when nobody tells us. */
    Optional<AddressRanges> read() {
        return Stream.of(firmware(), kernel()).filter(ram -> !ram.isEmpty()).findFirst();
    }

    private AddressRanges firmware() {
        return union(sysfs.list(FIRMWARE).stream()
                .filter(entry -> sysfs.text(entry.resolve("type")).orElse("").equals(RAM))
                .flatMap(entry -> range(
                        sysfs.text(entry.resolve("start")).orElse(""), sysfs.text(entry.resolve("end")).orElse(""))
                        .stream()));
    }

    private AddressRanges kernel() {
        return union(sysfs.text(KERNEL).stream()
                .flatMap(String::lines)
                .filter(line -> line.strip().endsWith(" : " + RAM))
                .map(line -> line.strip().split("[- ]", 3))
                .filter(words -> words.length == 3)
                .flatMap(words -> range(words[0], words[1]).stream()));
    }

    private static AddressRanges union(Stream<AddressRange> ranges) {
        return FreeMemory.union(ranges.toList());
    }

    /** Returns the whole pages between two hexadecimal addresses, the second inclusive. */
    private static Optional<AddressRange> range(String start, String end) {
        try {
            long first = Long.parseUnsignedLong(start.replace("0x", ""), 16) + PAGE - 1 & -PAGE;
            long limit = Long.parseUnsignedLong(end.replace("0x", ""), 16) + 1 & -PAGE;
            return Long.compareUnsigned(limit, first) <= 0
                    ? Optional.empty()
                    : Optional.of(new AddressRange(first, limit - 1));
        } catch (NumberFormatException notAnAddress) {
            return Optional.empty();
        }
    }

    /** Returns as much RAM as the machine has, where a PC has it; just the low part when that is not known. */
    AddressRanges model() {
        long bytes = sysfs.text(SIZE).stream()
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
