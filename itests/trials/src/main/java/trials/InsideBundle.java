// SPDX-License-Identifier: Apache-2.0
package trials;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** Makes bundles of the package {@code trials.inside}, whose classes a row itself never loads. */
final class InsideBundle {
    private static final String FOLDER = "trials/inside";

    private InsideBundle() {}

    /** Returns a bundle with an activator of the package. */
    static byte[] of(String symbolicName, String activator) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream jar = new JarOutputStream(bytes, manifest(symbolicName, activator));
                Stream<Path> files = Files.list(classes().resolve(FOLDER))) {
            for (Path file : files.sorted().toList()) {
                jar.putNextEntry(new ZipEntry(FOLDER + "/" + file.getFileName()));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Manifest manifest(String symbolicName, String activator) {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", symbolicName);
        headers.putValue("Bundle-Activator", "trials.inside." + activator);
        headers.putValue("Import-Package", "dmabuf.api,dmabuf.api.spi,org.osgi.framework");
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
