// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a display really sends out, seen from behind it. */
public final class ScanOut {
    private static final Pattern LINE = Pattern.compile("\\S+ (0x\\p{XDigit}+)");

    private ScanOut() {}

    /** Returns the checksum that the card computes over the frame it is sending (vkms does). */
    public static String checksum(DrmCard card) {
        Path folder = Path.of("/sys/kernel/debug/dri/" + card.number() + "/crtc-0/crc");
        try {
            Files.writeString(folder.resolve("control"), "auto");
            try (InputStream data = new FileInputStream(folder.resolve("data").toFile())) {
                // The first may still be of the frame before.
                line(data);
                return line(data);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each read gives one line: the number of the frame, then its checksum. */
    private static String line(InputStream data) throws IOException {
        byte[] line = new byte[256];
        int length = data.read(line);
        Matcher matcher = LINE.matcher(new String(line, 0, length, StandardCharsets.US_ASCII));
        if (!matcher.lookingAt()) {
            throw new IOException("no checksum in a line of " + length + " bytes");
        }
        return matcher.group(1);
    }

    /** Returns the memory from which a PCI card of this vendor and device sends its picture. */
    public static MemorySegment memory(String vendor, String device, long byteSize, Arena lifetime) {
        Path card = pci(vendor, device).orElseThrow();
        int bar = Posix.open(card.resolve("resource0").toString());
        try {
            return Posix.map(bar, 0, byteSize, lifetime);
        } finally {
            Posix.close(bar);
        }
    }

    static Optional<Path> pci(String vendor, String device) {
        try (Stream<Path> functions = Files.list(Path.of("/sys/bus/pci/devices"))) {
            return functions.filter(function -> is(function, "vendor", vendor) && is(function, "device", device))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean is(Path function, String file, String value) {
        try {
            return Files.readString(function.resolve(file)).strip().equals(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
