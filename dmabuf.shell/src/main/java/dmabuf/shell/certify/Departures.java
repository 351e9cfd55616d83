// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.Sandbox;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;

/** Lets the services of a guest leave a sandbox at the moment they leave the registry, as the gateway's own core does. */
final class Departures implements ServiceListener, AutoCloseable {
    private final Bench bench;
    private final Sandbox sandbox;
    private final Map<ServiceReference<Mapper>, Mapper> mappers = new HashMap<>();
    private volatile boolean left;

    private Departures(Bench bench, Sandbox sandbox) {
        this.bench = bench;
        this.sandbox = sandbox;
    }

    static Departures of(Bench bench, Sandbox sandbox) {
        Departures departures = new Departures(bench, sandbox);
        Guest guest = bench.candidate().guest();
        guest.services(Mapper.class).forEach(reference -> departures.mappers.put(reference, guest.service(reference)));
        guest.context().addServiceListener(departures);
        return departures;
    }

    @Override
    public void serviceChanged(ServiceEvent event) {
        ServiceReference<?> reference = event.getServiceReference();
        boolean leaves = event.getType() == ServiceEvent.UNREGISTERING
                && bench.candidate().guest().bundle().equals(reference.getBundle());
        if (!leaves) {
            return;
        }
        List<String> types = List.of((String[]) reference.getProperty(Constants.OBJECTCLASS));
        String id = bench.specimen().spec().id();
        if (types.contains(Allocator.class.getName())
                && Objects.equals(id, reference.getProperty(AllocatorSpec.PREFIX + "id"))) {
            sandbox.removeAllocator(id);
            left = true;
        } else if (types.contains(Mapper.class.getName())) {
            mappers.entrySet().stream()
                    .filter(entry -> entry.getKey().equals(reference))
                    .forEach(entry -> sandbox.removeMapper(entry.getValue()));
        }
    }

    /** Throws when the bundle stopped and its allocator stayed. */
    void check() {
        Violation.unless(left, "stop the bundle", "its Allocator service stays", "that its services go");
    }

    @Override
    public void close() {
        bench.candidate().guest().context().removeServiceListener(this);
    }
}
