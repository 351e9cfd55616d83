// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.header.Parameters;
import aQute.bnd.osgi.Jar;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.FrameworkWiring;

/** Which versions of the API a bundle accepts: who implements what others call, must follow its minor versions. */
class ApiVersionsIT {
    private static final String SPI = "dmabuf.api.spi";

    @TempDir
    Path folder;

    @Test
    void allocatorsImportAsConsumersAndWhoProvidesTheApiAsProviders() throws Exception {
        for (String consumer : List.of("allocator.contig-", "allocator.system-", "allocator.iommu-")) {
            assertThat(imported(consumer, "dmabuf.api")).as(consumer).isEqualTo("[1.1,2)");
            assertThat(imported(consumer, SPI)).as(consumer).isEqualTo("[1.1,2)");
        }
        assertThat(imported("dmabuf.core-", "dmabuf.api")).as("implements Exporter").isEqualTo("[1.1,1.2)");
        assertThat(imported("dmabuf.core-", SPI)).as("implements SandboxFactory").isEqualTo("[1.1,1.2)");
        assertThat(imported("dmabuf.linux-", SPI)).as("implements MemoryService").isEqualTo("[1.1,1.2)");
        assertThat(imported("dmabuf.board-", SPI)).as("implements BoardReader").isEqualTo("[1.1,1.2)");
        assertThat(imported("dmabuf.shell-", SPI)).as("implements AllocationRequest").isEqualTo("[1.1,1.2)");
    }

    private static String imported(String bundle, String api) throws Exception {
        try (Jar jar = new Jar(Bundles.named(bundle).getFirst().toFile())) {
            Parameters imports = new Parameters(jar.getManifest().getMainAttributes().getValue(Constants.IMPORT_PACKAGE));
            return imports.get(api).getVersion();
        }
    }

    @Test
    void anAllocatorBuiltAgainst11ResolvesWith12() throws Exception {
        assertThat(unresolved("1.2.0")).containsExactly("dmabuf.board", "dmabuf.core", "dmabuf.linux", "dmabuf.shell");
    }

    @Test
    void nothingBuiltAgainst11ResolvesWith20() throws Exception {
        assertThat(unresolved("2.0.0")).containsExactly(
                "allocator.contig", "allocator.iommu", "allocator.system", "dmabuf.board", "dmabuf.core",
                "dmabuf.linux", "dmabuf.shell");
    }

    @Test
    void allResolvesWithTheVersionThatItWasBuiltAgainst() throws Exception {
        assertThat(unresolved("1.1.7")).isEmpty();
    }

    /** Returns our bundles that a real framework does not resolve where the API's packages have another version. */
    private SortedSet<String> unresolved(String apiVersion) throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of(
                Constants.FRAMEWORK_STORAGE, folder.resolve("cache").toString(), "felix.service.urlhandlers", "false"));
        Framework framework =
                ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow().newFramework(settings);
        framework.init();
        try {
            BundleContext context = framework.getBundleContext();
            for (Path file : Bundles.all()) {
                Path installed = file.equals(Bundles.api()) ? withVersion(file, apiVersion) : file;
                context.installBundle(installed.toUri().toString());
            }
            framework.adapt(FrameworkWiring.class).resolveBundles(null);
            return Arrays.stream(context.getBundles())
                    .filter(bundle -> bundle.getState() == Bundle.INSTALLED)
                    .map(Bundle::getSymbolicName)
                    .collect(Collectors.toCollection(TreeSet::new));
        } finally {
            framework.stop();
            framework.waitForStop(10_000);
        }
    }

    /** Returns a copy of the API whose packages, and its own imports of them, have the version. */
    private Path withVersion(Path api, String version) throws Exception {
        Path copy = folder.resolve("dmabuf.api-" + version + ".jar");
        try (Jar jar = new Jar(api.toFile())) {
            Manifest manifest = jar.getManifest();
            Parameters exports = new Parameters(manifest.getMainAttributes().getValue(Constants.EXPORT_PACKAGE));
            exports.values().forEach(attributes -> attributes.put(Constants.VERSION_ATTRIBUTE, version));
            Parameters imports = new Parameters(manifest.getMainAttributes().getValue(Constants.IMPORT_PACKAGE));
            imports.keySet().removeAll(exports.keySet());
            manifest.getMainAttributes().putValue(Constants.EXPORT_PACKAGE, exports.toString());
            manifest.getMainAttributes().putValue(Constants.IMPORT_PACKAGE, imports.toString());
            jar.setManifest(manifest);
            jar.write(copy.toFile());
        }
        return copy;
    }
}
