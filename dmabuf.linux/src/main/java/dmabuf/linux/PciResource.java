// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** A resource of a PCI device as a file of sysfs, which is as long as the resource and is mapped to reach it. */
final class PciResource {
    /** What the sources of such memory begin with. */
    static final String PREFIX = "pci:";

    /** Domain, bus, device and function: Documentation/PCI/sysfs-pci.rst. */
    private static final Pattern ADDRESS = Pattern.compile("[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]");

    private final SystemCalls calls;
    private final Path root;

    PciResource(SystemCalls calls, Path root) {
        this.calls = calls;
        this.root = root;
    }

    Backing open(String address, int index) {
        Path file = root.resolve("sys/bus/pci/devices").resolve(address).resolve("resource" + index);
        if (!ADDRESS.matcher(address).matches() || !Files.exists(file)) {
            throw new DmaBufException(Reason.INVALID, "PCI device " + address + " has no resource " + index + ": " + file);
        }
        try (Opened opened = new Opened(calls)) {
            int descriptor = opened.add(calls.open(file.toString(), true));
            Backing.Piece piece = new Backing.Piece(descriptor, Files.size(file));
            opened.keepAll();
            return Backing.of(PREFIX + address + "/resource" + index, List.of(piece));
        } catch (IOException e) {
            throw new DmaBufException(Reason.ACCESS, file + ": " + e.getMessage(), e);
        }
    }
}
