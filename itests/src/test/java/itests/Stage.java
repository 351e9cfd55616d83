// SPDX-License-Identifier: Apache-2.0
package itests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.Device;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.spi.Mapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.core.ConditionFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * What a test brings into the gateway: a bundle that owns its buffers, devices, pools. All of it goes again when the stage
 * is closed: first the buffers with their owner, then the rest, the last first.
 */
final class Stage implements AutoCloseable {
    static final long KIB = 1 << 10;
    static final long MIB = 1 << 20;

    /** Above every allocator of a board: a test's own are asked first. */
    static final int FIRST = 1000;

    private static final AtomicInteger FACTORY_NAMES = new AtomicInteger();

    private final BundleContext context;
    private final Bundle app;
    private final Deque<Exit> exits = new ArrayDeque<>();

    private interface Exit {
        void run() throws BundleException, IOException;
    }

    Stage(BundleContext context) {
        this.context = context;
        this.app = install("app.stage");
    }

    /** Waits for a condition; long, because a condition that comes true ends it at once. */
    static ConditionFactory patiently() {
        return await().atMost(30, SECONDS).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10));
    }

    Exporter exporter() {
        return service(app.getBundleContext(), Exporter.class, null);
    }

    Mapper mapper(String domain) {
        return service(context, Mapper.class, "(" + Mapper.DOMAIN + "=" + domain + ")");
    }

    /** Returns a service as the bundle of a context sees it, as soon as it is there. */
    static <S> S service(BundleContext user, Class<S> type, String filter) {
        return patiently()
                .alias(type.getSimpleName() + " " + filter)
                .until(() -> find(user, type, filter), Optional::isPresent)
                .orElseThrow();
    }

    static <S> Optional<S> find(BundleContext user, Class<S> type, String filter) throws InvalidSyntaxException {
        return user.getServiceReferences(type, filter).stream()
                .min((a, b) -> b.compareTo(a))
                .map(user::getService);
    }

    DmaBuf buffer(BufferRequest request) {
        return exporter().create(request);
    }

    DmaBuf buffer(long byteSize) {
        return buffer(BufferRequest.ofSize(byteSize));
    }

    <S> ServiceRegistration<S> register(Class<S> type, S service, Map<String, ?> properties) {
        ServiceRegistration<S> registration =
                context.registerService(type, service, FrameworkUtil.asDictionary(properties));
        exits.push(() -> unregister(registration));
        return registration;
    }

    static void unregister(ServiceRegistration<?> registration) {
        try {
            registration.unregister();
        } catch (IllegalStateException goneAlready) {
            // A test took it away itself.
        }
    }

    /** Registers a device on a direct way with constraints in words. */
    ServiceRegistration<Device> device(String name, String constraints) {
        return device(name, DmaPath.of(DmaConstraints.parse(constraints)));
    }

    /** Registers a device with one or more ways, in order of preference. */
    ServiceRegistration<Device> device(String name, DmaPath... ways) {
        return register(Device.class, Device.of(name, List.of(ways)), Map.of(Device.NAME, name));
    }

    /** Configures a pool of the contig allocator and waits until it serves. */
    Configuration pool(String id, long base, long byteSize, int priority) {
        return pool(id, Map.of("base", hex(base), "size", hex(byteSize), "priority", priority));
    }

    Configuration pool(String id, Map<String, ?> settings) {
        Map<String, Object> properties = new HashMap<>(settings);
        properties.put("id", id);
        Configuration configuration = configureFactory("allocator.contig", id, properties);
        patiently().alias("pool " + id).until(() -> ids().contains(id));
        return configuration;
    }

    /** Returns a singleton that somebody else made; it is put back as it was. */
    Configuration configuration(String pid) throws IOException {
        Configuration configuration = service(context, ConfigurationAdmin.class, null).getConfiguration(pid, "?");
        Map<String, Object> before = Map.copyOf(FrameworkUtil.asMap(configuration.getProperties()));
        exits.push(() -> update(configuration, before));
        return configuration;
    }

    /** Configures a singleton. */
    Configuration configure(String pid, Map<String, ?> settings) {
        Configuration configuration = configured(admin -> admin.getConfiguration(pid, "?"));
        update(configuration, settings);
        return configuration;
    }

    /**
     * Configures one instance of a factory. Each has a name that was never used: Declarative Services now and then
     * takes no notice of a configuration that is deleted and at once there again.
     */
    Configuration configureFactory(String pid, String name, Map<String, ?> settings) {
        String unused = name + "-" + FACTORY_NAMES.incrementAndGet();
        Configuration configuration = configured(admin -> admin.getFactoryConfiguration(pid, unused, "?"));
        update(configuration, settings);
        return configuration;
    }

    private interface Configured {
        Configuration in(ConfigurationAdmin admin) throws IOException;
    }

    private Configuration configured(Configured wanted) {
        try {
            Configuration configuration = wanted.in(service(context, ConfigurationAdmin.class, null));
            exits.push(() -> delete(configuration));
            return configuration;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static void update(Configuration configuration, Map<String, ?> settings) {
        try {
            configuration.update(FrameworkUtil.asDictionary(Map.copyOf(settings)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Configuration configuration) throws IOException {
        try {
            configuration.delete();
        } catch (IllegalStateException goneAlready) {
            // A test deleted it itself.
        }
    }

    /** Starts a bundle that is empty: whoever uses its context acts in its name. */
    Bundle bundle(String symbolicName) {
        Bundle bundle = install(symbolicName);
        exits.push(bundle::uninstall);
        return bundle;
    }

    /** Starts a bundle that is assembled for the test. */
    Bundle start(TestBundle content) throws BundleException {
        Bundle bundle = context.installBundle(content.location(), content.jar());
        exits.push(() -> uninstall(bundle));
        bundle.start();
        return bundle;
    }

    private static void uninstall(Bundle bundle) throws BundleException {
        if (bundle.getState() != Bundle.UNINSTALLED) {
            bundle.uninstall();
        }
    }

    private Bundle install(String symbolicName) {
        try {
            Bundle bundle = context.installBundle("test:" + symbolicName, new ByteArrayInputStream(jar(symbolicName)));
            bundle.start();
            return bundle;
        } catch (BundleException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] jar(String symbolicName) throws IOException {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", symbolicName);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new JarOutputStream(bytes, manifest).close();
        return bytes.toByteArray();
    }

    /** Returns one of the gateway's own bundles. */
    Bundle ours(String symbolicName) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> Objects.equals(bundle.getSymbolicName(), symbolicName))
                .findFirst()
                .orElseThrow();
    }

    /** Stops one of the gateway's own bundles, until the stage is closed at the latest. */
    void stop(String symbolicName) throws BundleException {
        Bundle bundle = ours(symbolicName);
        exits.push(bundle::start);
        bundle.stop();
    }

    /** Returns the ids of the allocators that serve, in the order of selection. */
    List<String> ids() {
        return exporter().allocators().stream().filter(info -> !info.standby()).map(AllocatorInfo::id).toList();
    }

    AllocatorInfo allocator(String id) {
        return exporter().allocators().stream()
                .filter(info -> info.id().equals(id) && !info.standby())
                .findFirst()
                .orElseThrow(() -> new AssertionError("allocator " + id + " serves"));
    }

    /** Returns the refusal in which a call ends. */
    static DmaBufException refusal(ThrowingCallable call) {
        return catchThrowableOfType(DmaBufException.class, call);
    }

    static String hex(long number) {
        return "0x" + Long.toHexString(number);
    }

    @Override
    public void close() throws BundleException, IOException {
        app.uninstall();
        while (!exits.isEmpty()) exits.pop().run();
    }
}
