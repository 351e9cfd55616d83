// SPDX-License-Identifier: Apache-2.0
package trials;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Huge pages of the machine: some are reserved for a row where that is permitted and nobody else has any, and given back. */
final class HugePages implements AutoCloseable {
    private static final Path RESERVED = Path.of("/proc/sys/vm/nr_hugepages");
    private static final int COUNT = 64;

    private final boolean own;

    HugePages() throws IOException {
        own = Files.isWritable(RESERVED) && field("HugePages_Total") == 0;
        if (own) {
            Files.writeString(RESERVED, Integer.toString(COUNT));
        }
    }

    /** Returns how many are there and how many of them are free. */
    String text() throws IOException {
        return field("HugePages_Free") + " of " + field("HugePages_Total") + " huge pages free";
    }

    private static long field(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith(name + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    @Override
    public void close() throws IOException {
        if (own) {
            Files.writeString(RESERVED, "0");
        }
    }
}
