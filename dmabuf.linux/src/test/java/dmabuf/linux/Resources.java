// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this process holds under a memfd's name, as the kernel sees it. */
record Resources(long descriptors, long mappings) {
    static final Resources NONE = new Resources(0, 0);

    static Resources named(String name) {
        String file = "/memfd:" + name;
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"));
                Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return new Resources(
                    open.filter(fd -> target(fd).startsWith(file + " ")).count(),
                    maps.filter(line -> line.contains(file + " ")).count());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where a descriptor leads; nowhere when another thread closed it meanwhile. */
    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
