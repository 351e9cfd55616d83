// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/** A bare Felix framework becomes a gateway by the bundles that README lists, and by no other. */
class ExistingFelixIT {

    @TempDir
    Path folder;

    private Framework felix;

    @BeforeEach
    void start() throws BundleException {
        felix = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow().newFramework(Map.of(
                Constants.FRAMEWORK_STORAGE, folder.toString(),
                // The test's own JVM has one place for a URL handler, which is Pax Exam's.
                "felix.service.urlhandlers", "false"));
        felix.start();
    }

    @AfterEach
    void stop() throws Exception {
        felix.stop();
        felix.waitForStop(30_000);
    }

    @Test
    void theListedBundlesMakeBuffers() throws Exception {
        List<Bundle> bundles = add("the runtime");

        assertThat(bundles).extracting(Bundle::getState).containsOnly(Bundle.ACTIVE);
        patiently().until(() -> service("dmabuf.api.Exporter") != null && service("dmabuf.api.spi.Allocator") != null);
        ServiceReference<?> reference = service("dmabuf.api.Exporter")[0];
        Object exporter = felix.getBundleContext().getService(reference);
        assertThat(firstAccess(exporter, reference.getBundle())).isEqualTo(3133440);
    }

    @Test
    void theShellsBundlesBringTheCommands() throws Exception {
        add("the runtime");
        List<Bundle> shell = add("the shell");

        assertThat(shell).extracting(Bundle::getState).containsOnly(Bundle.ACTIVE);
        patiently().until(() -> felix.getBundleContext().getAllServiceReferences(null, "(osgi.command.scope=dmabuf)") != null);
        assertThat(Files.exists(folder.resolve("log"))).isFalse();
    }

    /** Returns all of one type: also those whose class is not the one on the test's own class path. */
    private ServiceReference<?>[] service(String type) throws InvalidSyntaxException {
        return felix.getBundleContext().getAllServiceReferences(type, null);
    }

    /** Makes a buffer and lets the CPU see it; returns the size of what it sees. The API is the framework's, not the test's. */
    private static long firstAccess(Object exporter, Bundle bundle) throws Exception {
        Class<?> request = bundle.loadClass("dmabuf.api.BufferRequest");
        Class<?> mode = bundle.loadClass("dmabuf.api.CpuMode");
        Object wanted = request.getMethod("ofSize", long.class).invoke(null, 3133440L);
        Object read = mode.getMethod("valueOf", String.class).invoke(null, "READ");
        Object buffer = bundle.loadClass("dmabuf.api.Exporter").getMethod("create", request).invoke(exporter, wanted);
        Object access = bundle.loadClass("dmabuf.api.DmaBuf").getMethod("beginCpuAccess", mode).invoke(buffer, read);
        Object segment = bundle.loadClass("dmabuf.api.CpuAccess").getMethod("segment").invoke(access);
        long byteSize = ((java.lang.foreign.MemorySegment) segment).byteSize();
        ((AutoCloseable) access).close();
        ((AutoCloseable) buffer).close();
        return byteSize;
    }

    /** Installs and starts a list of README, in its order. */
    private List<Bundle> add(String what) throws IOException, BundleException {
        List<Bundle> bundles = new ArrayList<>();
        for (String name : listed(what)) {
            bundles.add(felix.getBundleContext().installBundle(file(name).toUri().toString()));
        }
        for (Bundle bundle : bundles) {
            bundle.start();
        }
        return bundles;
    }

    private static List<String> listed(String what) throws IOException {
        Matcher row = Pattern.compile("\\| " + what + " \\|([^|]*)\\|").matcher(Files.readString(Run.ROOT.resolve("README.md")));
        assertThat(row.find()).as("README has a row of " + what).isTrue();
        return Pattern.compile("`([a-z.]+)`").matcher(row.group(1)).results().map(name -> name.group(1)).toList();
    }

    private static Path file(String name) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("gateway.home"), "bundle"))) {
            return files.filter(file -> file.getFileName().toString().matches(Pattern.quote(name) + "-[0-9].*\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("bundle " + name));
        }
    }
}
