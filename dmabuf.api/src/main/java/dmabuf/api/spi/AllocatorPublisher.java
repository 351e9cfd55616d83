// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaBufException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/**
 * Keeps an allocator and its mappers registered as services as a configuration says; for a component that is nothing
 * but configured. A changed priority or another changed property takes effect in place. What makes it another
 * allocator, such as a new base or size, is a departure and an arrival. A wrong configuration leaves the old one in
 * force, and says why. Any thread may call; calls wait for each other.
 */
public final class AllocatorPublisher {
    private final BundleContext context;
    private final Function<Map<String, ?>, Offer> reader;
    private final Consumer<String> complaints;
    private Optional<Published> published = Optional.empty();

    /**
     * Starts with nothing registered.
     *
     * @param context the bundle in whose name services are registered
     * @param reader reads a configuration; it throws INVALID for a wrong one
     * @param complaints is told of each wrong configuration, in one sentence
     */
    public AllocatorPublisher(
            BundleContext context, Function<Map<String, ?>, Offer> reader, Consumer<String> complaints) {
        this.context = context;
        this.reader = reader;
        this.complaints = complaints;
    }

    /**
     * What a configuration asks for.
     *
     * @param spec the service properties
     * @param identity equal for two configurations that one and the same allocator can serve
     * @param maker makes the allocator and its mappers
     */
    public record Offer(AllocatorSpec spec, Object identity, Supplier<AllocatorFactory.Product> maker) {}

    /** Registers, changes or exchanges the services. Never throws for a wrong configuration. */
    public synchronized void configure(Map<String, ?> configuration) {
        try {
            publish(reader.apply(configuration));
        } catch (DmaBufException e) {
            String id = Objects.toString(configuration.get("service.pid"), "this allocator");
            complaints.accept("the configuration of " + id + " is refused: " + e.explanation().text() + "; "
                    + published.map(old -> "the old one stays in force").orElse("there is none in force"));
        }
    }

    /** Takes all services away; harmless when there are none. */
    public synchronized void withdraw() {
        published.ifPresent(old -> old.unregister(complaints));
        published = Optional.empty();
    }

    private void publish(Offer offer) {
        if (published.isPresent() && published.get().serves(offer)) {
            published = Optional.of(published.get().changed(offer));
            return;
        }
        AllocatorFactory.Product product = offer.maker().get();
        withdraw();
        List<Registered> mappers = new ArrayList<>();
        for (Mapper mapper : product.mappers()) {
            Map<String, Object> properties = Map.of(Mapper.DOMAIN, mapper.domain());
            mappers.add(new Registered(
                    mapper, context.registerService(Mapper.class, mapper, FrameworkUtil.asDictionary(properties))));
        }
        Map<String, Object> properties = offer.spec().toProperties();
        published = Optional.of(new Published(
                offer,
                context.registerService(
                        Allocator.class, product.allocator(), FrameworkUtil.asDictionary(properties)),
                mappers));
    }

    /** A mapper that is a service; one that holds something of the machine is closed when it left. */
    private record Registered(Mapper mapper, ServiceRegistration<?> registration) {
        void end(Consumer<String> complaints) {
            registration.unregister();
            if (mapper instanceof AutoCloseable closeable) {
                close(closeable, complaints);
            }
        }

        private void close(AutoCloseable closeable, Consumer<String> complaints) {
            try {
                closeable.close();
            } catch (Exception e) {
                complaints.accept("the mapper of " + mapper.domain() + " does not close: " + e);
            }
        }
    }

    private record Published(
            Offer offer, ServiceRegistration<Allocator> allocator, List<Registered> mappers) {
        boolean serves(Offer other) {
            return offer.identity().equals(other.identity()) && offer.spec().id().equals(other.spec().id());
        }

        Published changed(Offer other) {
            if (!offer.spec().equals(other.spec())) {
                allocator.setProperties(FrameworkUtil.asDictionary(other.spec().toProperties()));
            }
            return new Published(other, allocator, mappers);
        }

        /** The allocator first: while its mappers are there its buffers can still go to somebody else. */
        void unregister(Consumer<String> complaints) {
            allocator.unregister();
            mappers.forEach(mapper -> mapper.end(complaints));
        }
    }
}
