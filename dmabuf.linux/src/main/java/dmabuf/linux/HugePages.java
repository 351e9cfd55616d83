// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What /proc/meminfo tells of the huge pages of the default size. Read at each call. */
final class HugePages {
    private static final String REMEDY = "write a number to /proc/sys/vm/nr_hugepages, or boot with hugepages=N";

    private final Path root;

    HugePages(Path root) {
        this.root = root;
    }

    /** Returns the size of one, in bytes; ACCESS where the kernel has none. */
    long byteSize() {
        return value("Hugepagesize") * 1024;
    }

    /** Returns how many are free, in words; OUT_OF_MEMORY when there is none. */
    String state() {
        String text = "huge pages of " + Quantity.format(byteSize()) + ": " + free() + " of " + value("HugePages_Total")
                + " free";
        if (free() == 0) {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, text + ": " + REMEDY);
        }
        return text;
    }

    /** Says how many pages there are where one is missing. */
    DmaBufException explained(DmaBufException e, long asked) {
        return e.reason() != Reason.OUT_OF_MEMORY
                ? e
                : new DmaBufException(
                        e.reason(),
                        asked / byteSize() + " huge pages are asked for, " + free() + " of "
                                + value("HugePages_Total") + " are free: " + REMEDY + " (" + e.getMessage() + ")",
                        e);
    }

    /** What is free but for what is promised to mappings; and what the kernel may add by itself. */
    private long free() {
        return Math.max(0, value("HugePages_Free") - value("HugePages_Rsvd")) + overcommit();
    }

    private long overcommit() {
        try {
            Path file = root.resolve("proc/sys/vm/nr_overcommit_hugepages");
            return Math.max(0, Long.parseLong(Files.readString(file).strip()) - value("HugePages_Surp"));
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private long value(String key) {
        return lines().stream()
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.replaceAll("\\D", ""))
                .filter(digits -> !digits.isEmpty())
                .map(Long::parseLong)
                .findFirst()
                .orElseThrow(() -> new DmaBufException(
                        Reason.ACCESS, "the kernel has no huge pages: kernel option CONFIG_HUGETLBFS"));
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(root.resolve("proc/meminfo"));
        } catch (IOException e) {
            return List.of();
        }
    }
}
