// SPDX-License-Identifier: Apache-2.0
package trials;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** A bundle of the package {@code trials.inside}, whose classes a row itself never loads. */
final class InsideBundle {
    private static final String FOLDER = "trials/inside";

    private final String symbolicName;
    private final byte[] jar;

    private InsideBundle(String symbolicName, byte[] jar) {
        this.symbolicName = symbolicName;
        this.jar = jar;
    }

    String symbolicName() {
        return symbolicName;
    }

    /** Returns the bytes of the file. */
    InputStream jar() {
        return new ByteArrayInputStream(jar);
    }

    /** Returns a bundle with an activator of the package, and all of the package. */
    static InsideBundle of(String symbolicName, String activator) {
        return of(symbolicName, activator, List.of(""));
    }

    /** Returns a bundle with an activator of the package, and of its classes only those whose names begin so. */
    static InsideBundle of(String symbolicName, String activator, List<String> classes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest(symbolicName, activator));
                Stream<Path> files = Files.list(classes().resolve(FOLDER))) {
            for (Path file : files.filter(file -> isOf(classes, file)).sorted().toList()) {
                jar.putNextEntry(new ZipEntry(FOLDER + "/" + file.getFileName()));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new InsideBundle(symbolicName, bytes.toByteArray());
    }

    private static boolean isOf(List<String> classes, Path file) {
        return classes.stream().anyMatch(file.getFileName().toString()::startsWith);
    }

    private static Manifest manifest(String symbolicName, String activator) {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", symbolicName);
        headers.putValue("Bundle-Activator", "trials.inside." + activator);
        headers.putValue("Import-Package", "dmabuf.api,dmabuf.api.spi,org.osgi.framework,org.osgi.framework.startlevel,org.osgi.util.tracker");
        return manifest;
    }

    private static Path classes() {
        try {
            return Path.of(InsideBundle.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
