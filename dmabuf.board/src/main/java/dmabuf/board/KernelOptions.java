// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.spi.Finding;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** The options that the kernel was built with, where it tells: in /proc/config.gz, or in /boot. */
final class KernelOptions {
    private static final List<String> WANTED = List.of(
            "DMABUF_HEAPS", "DMABUF_HEAPS_SYSTEM", "DMABUF_HEAPS_CMA", "UDMABUF", "HUGETLBFS", "VFIO_PCI", "IOMMUFD");
    private static final Path OWN = Path.of("proc/config.gz");
    private static final Path RELEASE = Path.of("proc/sys/kernel/osrelease");

    private final Sysfs sysfs;

    KernelOptions(Sysfs sysfs) {
        this.sysfs = sysfs;
    }

    /** Returns which are missing; nothing where that cannot be known. */
    List<Finding> findings() {
        String release = sysfs.text(RELEASE).orElse("");
        return options(OWN)
                .or(() -> options(Path.of("boot", "config-" + release)))
                .map(set -> List.of(finding(release, set)))
                .orElse(List.of());
    }

    private static Finding finding(String release, Set<String> set) {
        String missing = WANTED.stream()
                .filter(option -> !set.contains(option))
                .map(option -> "CONFIG_" + option)
                .collect(Collectors.joining(" "));
        return Finding.of("kernel", release, missing.isEmpty(), missing.isEmpty()
                ? "built with all options that sources of memory need"
                : "built without " + missing);
    }

    private Optional<Set<String>> options(Path file) {
        try (InputStream in = Files.newInputStream(sysfs.real(file));
                InputStream plain = file.equals(OWN) ? new GZIPInputStream(in) : in;
                BufferedReader lines = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8))) {
            return Optional.of(lines.lines()
                    .filter(line -> line.matches("CONFIG_\\w+=[ym]"))
                    .map(line -> line.substring("CONFIG_".length(), line.indexOf('=')))
                    .collect(Collectors.toSet()));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
