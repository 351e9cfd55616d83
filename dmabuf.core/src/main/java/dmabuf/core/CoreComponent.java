// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Device;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaBufListener;
import dmabuf.api.EventKind;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.AttachPolicy;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Sandbox;
import dmabuf.api.spi.SandboxFactory;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The core of the machine: feeds a {@link Core} from the service registry, and ends what a bundle opened when that
 * bundle stops. Opens sandboxes, too.
 */
@Designate(ocd = CoreConfiguration.class)
@Component(
        service = {CoreComponent.class, SandboxFactory.class},
        immediate = true,
        configurationPid = CoreComponent.PID)
public final class CoreComponent implements SandboxFactory {
    /** The PID of the configuration. */
    public static final String PID = "dmabuf.core";

    private static final int RUNNING = Bundle.STARTING | Bundle.ACTIVE;

    private final BundleContext context;
    private final MemoryService memory;
    private final Logger logger;
    private final Core core;
    private final Map<Long, Owner> owners = new ConcurrentHashMap<>();
    private final Bound<Party<Allocator>> allocators;
    private final Bound<ServiceReference<Device>> devices;
    private final Bound<Party<Mapper>> mappers;
    private final Bound<Party<AttachPolicy>> policies;
    private final Bound<Mailbox> listeners;
    private final ConfiguredQuotas quotas;
    private final Set<CoreSandbox> sandboxes = ConcurrentHashMap.newKeySet();
    private final SynchronousBundleListener reclaimer = this::reclaim;

    /** Starts with no participant; they are bound one after the other. */
    @Activate
    public CoreComponent(
            BundleContext context,
            Map<String, Object> configuration,
            @Reference MemoryService memory,
            @Reference(service = LoggerFactory.class) Logger logger) {
        this.context = context;
        this.memory = memory;
        this.logger = logger;
        this.core = new Core(memory, Settings.DEFAULT, new Journal(logger::warn, logger::info));
        this.allocators = new Bound<>(core.arrivals()::removeAllocator);
        this.devices = new Bound<>(core.arrivals()::removeDevice);
        this.mappers = new Bound<>(core.arrivals()::removeMapper);
        this.policies = new Bound<>(core.policies()::remove);
        this.listeners = new Bound<>(core.events()::remove);
        this.quotas = new ConfiguredQuotas(core.quotas(), logger);
        configure(configuration);
        context.addBundleListener(reclaimer);
    }

    /** Takes a changed configuration; a wrong value leaves all of the old one in force. */
    @Modified
    void configure(Map<String, Object> configuration) {
        try {
            core.configure(Settings.of(configuration));
        } catch (DmaBufException e) {
            logger.error("the configuration of {} is refused, and the old one stays in force: {}", PID, e.getMessage());
        }
    }

    /** Ends everything: handles answer GONE from now on, and every native resource goes back. */
    @Deactivate
    void stop() {
        context.removeBundleListener(reclaimer);
        try {
            core.close();
        } finally {
            sandboxes.forEach(CoreSandbox::close);
        }
    }

    Core core() {
        return core;
    }

    @Override
    public Sandbox open() {
        CoreSandbox sandbox = new CoreSandbox(memory, core.settings(), sandboxes::remove);
        sandboxes.add(sandbox);
        if (core.isClosed()) {
            sandbox.close();
        }
        core.check();
        return sandbox;
    }

    /** Returns the owner that a bundle is from its start to its stop. */
    Owner owner(Bundle bundle) {
        Owner owner = owners.computeIfAbsent(bundle.getBundleId(), _ -> new Owner(name(bundle)));
        if ((bundle.getState() & RUNNING) == 0) {
            remove(bundle);
            throw new DmaBufException(Reason.GONE, "bundle " + name(bundle) + " is not running");
        }
        return owner;
    }

    private void reclaim(BundleEvent event) {
        if (event.getType() == BundleEvent.STOPPING) {
            remove(event.getBundle());
        }
    }

    private void remove(Bundle bundle) {
        Owner leaving = owners.remove(bundle.getBundleId());
        if (leaving != null) {
            core.arrivals().removeOwner(leaving);
        }
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindAllocator(ServiceReference<Allocator> reference, Allocator allocator) {
        allocators.bind(reference, () -> arrived(reference, allocator));
    }

    private Optional<Party<Allocator>> arrived(ServiceReference<Allocator> reference, Allocator allocator) {
        return guarded("allocator", reference, () -> {
            AllocatorSpec spec = AllocatorSpec.from(Properties.of(reference));
            Arrivals.Admitted<Allocator> admitted = core.arrivals().addAllocator(spec, allocator, bundle(reference));
            admitted.obstacle().ifPresent(refusal -> logger.warn(refusal.getMessage()));
            return admitted.party();
        });
    }

    void updatedAllocator(ServiceReference<Allocator> reference, Allocator allocator) {
        allocators.update(
                reference,
                party -> guarded("allocator", reference, () -> {
                    core.arrivals()
                            .updateAllocator(party, AllocatorSpec.from(Properties.of(reference)))
                            .ifPresent(refusal -> logger.warn(refusal.getMessage()));
                    return party;
                }),
                () -> arrived(reference, allocator));
    }

    void unbindAllocator(ServiceReference<Allocator> reference) {
        allocators.unbind(reference);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindDevice(ServiceReference<Device> reference, Device device) {
        devices.bind(reference, () -> deviceArrived(reference, device));
    }

    private Optional<ServiceReference<Device>> deviceArrived(ServiceReference<Device> reference, Device device) {
        return guarded("device", reference, () -> {
            core.arrivals()
                    .addDevice(reference, device, Properties.ofDevice(reference), bundle(reference))
                    .ifPresent(obstacle -> logger.warn("a device waits: {}", obstacle.getMessage()));
            return reference;
        });
    }

    void updatedDevice(ServiceReference<Device> reference, Device device) {
        devices.update(
                reference,
                key -> core.devices().update(key, Properties.ofDevice(reference)),
                () -> deviceArrived(reference, device));
    }

    void unbindDevice(ServiceReference<Device> reference) {
        devices.unbind(reference);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindMapper(ServiceReference<Mapper> reference, Mapper mapper) {
        mappers.bind(reference, () -> guarded("mapper", reference, () -> core.arrivals().addMapper(mapper)));
    }

    void unbindMapper(ServiceReference<Mapper> reference) {
        mappers.unbind(reference);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindPolicy(ServiceReference<AttachPolicy> reference, AttachPolicy policy) {
        int ranking = reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer stated ? stated : 0;
        policies.bind(reference, () -> Optional.of(core.policies().add(policy, ranking, bundle(reference))));
    }

    void unbindPolicy(ServiceReference<AttachPolicy> reference) {
        policies.unbind(reference);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindListener(ServiceReference<DmaBufListener> reference, DmaBufListener listener) {
        listeners.bind(reference, () -> arrived(reference, listener));
    }

    private Optional<Mailbox> arrived(ServiceReference<DmaBufListener> reference, DmaBufListener listener) {
        return guarded("event listener", reference, () ->
                core.events().add(listener, kinds(reference), bundle(reference)));
    }

    void updatedListener(ServiceReference<DmaBufListener> reference, DmaBufListener listener) {
        listeners.update(
                reference,
                mailbox -> guarded("event listener", reference, () -> {
                    mailbox.choose(kinds(reference));
                    core.events().refresh();
                    return mailbox;
                }),
                () -> arrived(reference, listener));
    }

    private static Set<EventKind> kinds(ServiceReference<DmaBufListener> reference) {
        return Events.kinds(reference.getProperty(DmaBufListener.KINDS));
    }

    void unbindListener(ServiceReference<DmaBufListener> reference) {
        listeners.unbind(reference);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY,
            updated = "bindQuota")
    void bindQuota(ConfiguredQuota quota) {
        quotas.put(quota);
    }

    void unbindQuota(ConfiguredQuota quota) {
        quotas.remove(quota);
    }

    /** Refuses a participant that is wrong by itself, its bundle named; the others are of no concern. */
    private <T> Optional<T> guarded(String kind, ServiceReference<?> reference, Supplier<T> action) {
        try {
            return Optional.of(action.get());
        } catch (DmaBufException e) {
            logger.error("the {} of bundle {} is refused: {}", kind, bundle(reference), e.getMessage());
            return Optional.empty();
        }
    }

    private static String bundle(ServiceReference<?> reference) {
        return Stream.ofNullable(reference.getBundle()).map(CoreComponent::name).findFirst().orElse("(gone)");
    }

    private static String name(Bundle bundle) {
        return bundle.getSymbolicName() == null ? "bundle" + bundle.getBundleId() : bundle.getSymbolicName();
    }
}
