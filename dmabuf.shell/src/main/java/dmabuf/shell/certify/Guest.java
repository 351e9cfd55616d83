// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.spi.AllocatorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** A bundle that is installed for the time of its certification, behind a curtain, and configured for itself alone. */
final class Guest implements AutoCloseable {
    /** How long services may take to come, and a bundle to stop. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration POLL = Duration.ofMillis(5);

    private final BundleContext context;
    private final Curtain curtain;
    private final Bundle bundle;
    private Optional<Configuration> configuration = Optional.empty();

    private Guest(BundleContext context, Curtain curtain, Bundle bundle) {
        this.context = context;
        this.curtain = curtain;
        this.bundle = bundle;
    }

    /**
     * Installs a bundle.
     *
     * @throws NotCertifiable when there is no such file, or it is no bundle
     */
    static Guest install(BundleContext context, Path jar) {
        check(jar);
        String location = "certify:" + UUID.randomUUID() + ":" + jar.toAbsolutePath();
        Curtain curtain = Curtain.before(context, location);
        try (InputStream bytes = Files.newInputStream(jar)) {
            return new Guest(context, curtain, context.installBundle(location, bytes));
        } catch (IOException | BundleException e) {
            curtain.close();
            throw new NotCertifiable(jar + " cannot be installed: " + e.getMessage());
        }
    }

    private static void check(Path jar) {
        if (!Files.isRegularFile(jar)) {
            throw new NotCertifiable(jar + ": no such file");
        }
        try (JarFile file = new JarFile(jar.toFile())) {
            if (file.getManifest() == null
                    || file.getManifest().getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) == null) {
                throw new NotCertifiable(jar + " is no bundle: its manifest has no " + Constants.BUNDLE_SYMBOLICNAME);
            }
        } catch (ZipException e) {
            throw new NotCertifiable(jar + " is no jar file");
        } catch (IOException e) {
            throw new NotCertifiable(jar + " cannot be read: " + e.getMessage());
        }
    }

    Bundle bundle() {
        return bundle;
    }

    /** Returns the types that the bundle says it provides. */
    List<String> capabilities() {
        return bundle.adapt(BundleRevision.class).getDeclaredCapabilities("dmabuf.allocator").stream()
                .map(BundleCapability::getAttributes)
                .map(attributes -> String.valueOf(attributes.get("type")))
                .toList();
    }

    void start() {
        try {
            bundle.start();
        } catch (BundleException e) {
            throw new NotCertifiable(bundle.getSymbolicName() + " does not start: " + e.getMessage());
        }
    }

    void stop() {
        try {
            bundle.stop();
        } catch (BundleException e) {
            throw new Violation("stop the bundle", Watch.describe(e), "that it stops");
        }
    }

    /** Configures the bundle, and no other with the same PID. */
    void configure(Preset preset) {
        preset.pid().ifPresent(pid -> {
            ServiceReference<ConfigurationAdmin> admin = context.getServiceReference(ConfigurationAdmin.class);
            if (admin == null) {
                throw new NotCertifiable("there is no Configuration Admin to configure " + pid);
            }
            try {
                Configuration made = context.getService(admin)
                        .getFactoryConfiguration(pid, Preset.ID, bundle.getLocation());
                configuration = Optional.of(made);
                made.update(FrameworkUtil.asDictionary(new TreeMap<String, Object>(preset.settings())));
            } catch (IOException e) {
                throw new NotCertifiable(pid + " cannot be configured: " + e.getMessage());
            } finally {
                context.ungetService(admin);
            }
        });
    }

    /** Returns the services of a type that the bundle registered now, by id. */
    <S> List<ServiceReference<S>> services(Class<S> type) {
        return Stream.ofNullable(bundle.getRegisteredServices())
                .flatMap(Arrays::stream)
                .filter(reference -> List.of((String[]) reference.getProperty(Constants.OBJECTCLASS))
                        .contains(type.getName()))
                .map(reference -> Guest.<S>typed(reference))
                .sorted((a, b) -> id(a).compareTo(id(b)))
                .toList();
    }

    @SuppressWarnings("unchecked") // It is registered under the name of the class.
    private static <S> ServiceReference<S> typed(ServiceReference<?> reference) {
        return (ServiceReference<S>) reference;
    }

    private static String id(ServiceReference<?> reference) {
        return String.valueOf(reference.getProperty(AllocatorSpec.PREFIX + "id"));
    }

    <S> S service(ServiceReference<S> reference) {
        return Optional.ofNullable(context.getService(reference))
                .orElseThrow(() -> new Violation(
                        "get the service " + reference, "no service", "the service that is registered"));
    }

    void unget(ServiceReference<?> reference) {
        context.ungetService(reference);
    }

    static Map<String, Object> properties(ServiceReference<?> reference) {
        Map<String, Object> properties = new TreeMap<>();
        for (String key : reference.getPropertyKeys()) {
            properties.put(key, reference.getProperty(key));
        }
        return properties;
    }

    BundleContext context() {
        return context;
    }

    /** Takes the bundle out of the framework and what depends on it. */
    void uninstall() {
        try {
            if (bundle.getState() != Bundle.UNINSTALLED) {
                bundle.uninstall();
            }
        } catch (BundleException e) {
            throw new Violation("uninstall the bundle", Watch.describe(e), "that it goes");
        }
        refresh();
    }

    /** Waits for the end of the refresh: a framework that is stopped in the middle of one may never end. */
    private void refresh() {
        CountDownLatch refreshed = new CountDownLatch(1);
        context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                .adapt(FrameworkWiring.class)
                .refreshBundles(List.of(bundle), event -> {
                    if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                        refreshed.countDown();
                    }
                });
        try {
            Violation.unless(
                    refreshed.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS), "refresh the uninstalled bundle",
                    "no end within " + PATIENCE.toSeconds() + " s", "that it goes");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a condition; answers whether it came true. */
    static boolean await(Duration limit, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.sleep(POLL);
        }
        return true;
    }

    void unconfigure() {
        configuration.ifPresent(made -> {
            try {
                made.delete();
            } catch (IOException | IllegalStateException e) {
                // Gone with Configuration Admin.
            }
        });
        configuration = Optional.empty();
    }

    @Override
    public void close() {
        unconfigure();
        try {
            uninstall();
        } finally {
            curtain.close();
        }
    }
}
