// SPDX-License-Identifier: Apache-2.0
package itests.lab;

import dmabuf.api.BufferInfo;
import dmabuf.api.Device;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.StorageSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * What a case works with.
 *
 * @param exporter the runtime under test
 * @param configurations changes what the runtime is configured to
 * @param context finds further services
 * @param progress is told of slow work, a line each
 */
public record Bench(Exporter exporter, ConfigurationAdmin configurations, BundleContext context, Consumer<String> progress) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Adds a device that no board knows, until the registration is closed. */
    public Presence device(String name, String constraints) {
        Device device = Device.of(name, List.of(DmaPath.parse(constraints)));
        ServiceRegistration<Device> registration = context.registerService(
                Device.class, device, FrameworkUtil.asDictionary(Map.of(Device.NAME, name)));
        await("the device " + name, () -> exporter.devices().stream().anyMatch(info -> info.name().equals(name)));
        return registration::unregister;
    }

    /** Something that is there until it is closed. */
    @FunctionalInterface
    public interface Presence extends AutoCloseable {
        @Override
        void close();
    }

    /** Returns a service that must be there. */
    public <T> T service(Class<T> type) {
        ServiceReference<T> reference = context.getServiceReference(type);
        return Optional.ofNullable(reference)
                .flatMap(found -> Optional.ofNullable(context.getService(found)))
                .orElseThrow(() -> new IllegalStateException("there is no service " + type.getName()));
    }

    /** Returns where the memory of a buffer comes from. */
    public static StorageSource source(DmaBuf buffer) {
        BufferInfo info = buffer.info();
        return info.source().orElseThrow(() -> new IllegalStateException("buffer " + info.name() + " has no storage"));
    }

    /** Waits for a condition; IllegalStateException when it does not come. */
    public static void await(String what, BooleanSupplier condition) {
        await(() -> condition.getAsBoolean() ? Optional.empty() : Optional.of(what + " did not come"));
    }

    /** Waits until nothing is in the way; IllegalStateException says what is. */
    public static void await(Supplier<Optional<String>> obstacle) {
        long begin = System.nanoTime();
        for (Optional<String> way = obstacle.get(); way.isPresent(); way = obstacle.get()) {
            if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new IllegalStateException("after " + PATIENCE.toSeconds() + " s: " + way.get());
            }
            LockSupport.parkNanos(10_000_000);
        }
    }
}
