// SPDX-License-Identifier: Apache-2.0
package itests;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** Packs the allocators of {@code itests.broken} into bundles: each with what it is made of, and nothing of the others. */
final class BrokenBundles {
    private static final String PACKAGE = "itests/broken";
    private static final Path CLASSES = Path.of("target/test-classes");
    private static final Path FOLDER = Path.of("target/broken");
    private static final List<String> COMMON = List.of("Start", "Sound", "SoundMapper", "Kept");

    private BrokenBundles() {}

    /** Returns the bundle of one of them. */
    static Path jar(String name) throws IOException {
        return jar(name, "dmabuf.allocator;type=planted");
    }

    /** Returns the bundle of one of them, with these capabilities. */
    static Path jar(String name, String capabilities) throws IOException {
        Path jar = Files.createDirectories(FOLDER).resolve(name + ".jar").toAbsolutePath();
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", "broken." + name);
        headers.putValue("Bundle-Activator", "itests.broken.Start");
        headers.putValue("Planted", "itests.broken." + name);
        headers.putValue("Import-Package", "dmabuf.api, dmabuf.api.spi, org.osgi.framework");
        if (!capabilities.isEmpty()) {
            headers.putValue("Provide-Capability", capabilities);
        }
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(file, manifest)) {
            for (Path each : classes(name)) {
                entries.putNextEntry(new JarEntry(PACKAGE + "/" + each.getFileName()));
                Files.copy(each, entries);
                entries.closeEntry();
            }
        }
        return jar;
    }

    private static List<Path> classes(String name) throws IOException {
        try (Stream<Path> files = Files.list(CLASSES.resolve(PACKAGE))) {
            return files.filter(file -> {
                        String simple = file.getFileName().toString().replaceFirst("[$.].*", "");
                        return simple.equals(name) || COMMON.contains(simple);
                    })
                    .sorted()
                    .toList();
        }
    }
}
