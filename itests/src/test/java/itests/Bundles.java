// SPDX-License-Identifier: Apache-2.0
package itests;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.framework.launch.FrameworkFactory;

/** The bundle files of the distribution. */
final class Bundles {
    private static final Path FOLDER = Path.of(System.getProperty("gateway.home"), "bundle");

    private Bundles() {}

    static List<Path> all() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    /** Returns ours: those whose file names begin with one of these words. */
    static List<Path> named(String... prefixes) throws IOException {
        return all().stream()
                .filter(file -> Stream.of(prefixes).anyMatch(file.getFileName().toString()::startsWith))
                .toList();
    }

    static Path api() throws IOException {
        return named("dmabuf.api-").getFirst();
    }

    /** Returns the framework, which is no bundle of the distribution but starts it. */
    static Path framework() throws URISyntaxException, ClassNotFoundException {
        Class<?> type = Class.forName("org.apache.felix.framework.FrameworkFactory");
        assert FrameworkFactory.class.isAssignableFrom(type);
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
