// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;

/**
 * A gateway in a framework of its own, in this very process, with the bundles of the distribution but for the terminal and
 * the folder watcher, installed and started in an order of the caller's choice, and a witness among them.
 */
final class Gateway implements AutoCloseable {
    private static final Path HOME = Path.of(System.getProperty("gateway.home"));

    /** The log comes first, as in the distribution: without it the Configurator prints what it does. */
    private static final String LOG = "org.apache.felix.log-";

    private final Framework framework;
    private final List<Bundle> bundles = new ArrayList<>();

    /** Starts an empty framework for a board. */
    Gateway(Path storage, Path board, Path configuration) throws BundleException, IOException {
        Map<String, String> properties = new HashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, storage.toString());
        properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        properties.put("dmabuf.board.file", board.toAbsolutePath().toString());
        properties.put("configurator.initial", configuration.toAbsolutePath().toUri().toString());
        properties.put("felix.log.level", "1");
        properties.put("org.apache.felix.log.maxSize", "-1");
        framework = new FrameworkFactory().newFramework(properties);
        framework.start();
        for (Path file : Bundles.named(LOG)) {
            installed(file).start();
        }
    }

    static Path shippedConfiguration() {
        return HOME.resolve("conf/gateway.json");
    }

    /** Returns what can be installed. */
    static List<Path> distribution() throws IOException {
        return Bundles.all().stream()
                .filter(file -> Stream.of("jline", "fileinstall", LOG).noneMatch(file.getFileName().toString()::contains))
                .toList();
    }

    void install(List<Path> files) throws BundleException {
        for (Path file : files) {
            bundles.add(installed(file));
        }
    }

    private Bundle installed(Path file) throws BundleException {
        return context().installBundle("reference:" + file.toUri());
    }

    /** Returns the bundle of the witness. */
    static byte[] witness() throws IOException {
        return TestBundle.of("witness", "1.0.0", "witness").withActivator("witness.Witness").jar().readAllBytes();
    }

    void installWitness(byte[] jar) throws BundleException {
        bundles.add(context().installBundle("witness", new ByteArrayInputStream(jar)));
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    /** Returns what was installed, in that order. */
    List<Bundle> bundles() {
        return List.copyOf(bundles);
    }

    static void start(List<Bundle> order) throws BundleException {
        for (Bundle bundle : order) {
            bundle.start();
        }
    }

    /** Waits until the witness says the very same as expected. */
    void awaitState(String when, String expected) {
        patiently().untilAsserted(() -> assertThat(state()).as(when).isEqualTo(expected));
    }

    /** Returns what was logged. */
    List<String> log() throws InvalidSyntaxException {
        return said("log").lines().toList();
    }

    private String said(String subject) throws InvalidSyntaxException {
        StringBuilder words = new StringBuilder();
        for (ServiceReference<?> witness : context().getServiceReferences(Supplier.class, "(test=" + subject + ")")) {
            words.append(((Supplier<?>) context().getService(witness)).get());
        }
        return words.toString();
    }

    /** Returns what the witness says now. */
    String state() throws InvalidSyntaxException {
        StringBuilder state = new StringBuilder();
        for (Bundle bundle : sorted()) {
            state.append("bundle ").append(bundle.getSymbolicName()).append(' ').append(bundle.getState()).append('\n');
        }
        return state.append(said("witness")).toString();
    }

    private List<Bundle> sorted() {
        return bundles.stream().sorted((a, b) -> a.getSymbolicName().compareTo(b.getSymbolicName())).toList();
    }

    @Override
    public void close() throws BundleException {
        framework.stop();
        patiently().until(() -> framework.getState() == Bundle.RESOLVED);
    }
}
