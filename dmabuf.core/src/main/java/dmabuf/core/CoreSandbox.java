// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Device;
import dmabuf.api.Exporter;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.AttachPolicy;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Sandbox;
import dmabuf.core.quota.QuotaRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A core of its own, with participants that are handed to it. */
final class CoreSandbox implements Sandbox {
    private static final String BUNDLE = "sandbox";

    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final Consumer<CoreSandbox> closing;
    private final Core core;
    private final Map<String, Owner> owners = new HashMap<>();
    private final List<Named> allocators = new ArrayList<>();
    private final Map<String, Object> devices = new HashMap<>();
    private final IdentityHashMap<Mapper, Party<Mapper>> mappers = new IdentityHashMap<>();

    private record Named(String id, Party<Allocator> party) {}

    /** Opens a sandbox; who opened it is told when it is closed. */
    CoreSandbox(MemoryService memory, Settings settings, Consumer<CoreSandbox> closing) {
        this.closing = closing;
        this.core = new Core(memory, settings, new Journal(warnings::add, _ -> {}));
    }

    Core core() {
        return core;
    }

    @Override
    public synchronized Exporter exporter(String owner) {
        core.check();
        return new OwnedExporter(core, owners.computeIfAbsent(owner, Owner::new));
    }

    @Override
    public synchronized void removeOwner(String owner) {
        Owner leaving = owners.remove(owner);
        if (leaving != null) {
            core.arrivals().removeOwner(leaving);
        }
    }

    @Override
    public synchronized void addDevice(Device device, Map<String, ?> properties) {
        core.check();
        Object key = new Object();
        core.arrivals().addDevice(key, device, properties, BUNDLE).ifPresent(obstacle -> {
            core.arrivals().removeDevice(key);
            throw obstacle;
        });
        devices.put(device.name(), key);
    }

    @Override
    public synchronized void removeDevice(String name) {
        Object key = devices.remove(name);
        if (key != null) {
            core.arrivals().removeDevice(key);
        }
    }

    @Override
    public synchronized void addAllocator(AllocatorSpec spec, Allocator allocator) {
        core.check();
        Arrivals.Admitted<Allocator> admitted = core.arrivals().addAllocator(spec, allocator, BUNDLE);
        allocators.add(new Named(spec.id(), admitted.party()));
        admitted.obstacle().ifPresent(refusal -> {
            throw refusal;
        });
    }

    /** The holder is the first that came with the id. */
    @Override
    public synchronized void removeAllocator(String id) {
        for (Iterator<Named> all = allocators.iterator(); all.hasNext(); ) {
            Named named = all.next();
            if (named.id().equals(id)) {
                all.remove();
                core.arrivals().removeAllocator(named.party());
                return;
            }
        }
    }

    @Override
    public synchronized void addMapper(Mapper mapper) {
        core.check();
        mappers.put(mapper, core.arrivals().addMapper(mapper));
    }

    @Override
    public synchronized void removeMapper(Mapper mapper) {
        Party<Mapper> party = mappers.remove(mapper);
        if (party != null) {
            core.arrivals().removeMapper(party);
        }
    }

    @Override
    public synchronized void addPolicy(AttachPolicy policy) {
        core.check();
        core.policies().add(policy, 0, BUNDLE);
    }

    @Override
    public void putQuota(Map<String, ?> configuration) {
        core.check();
        QuotaRule rule = QuotaRule.of(configuration);
        core.quotas().put(rule.name(), rule).ifPresent(core.journal()::warn);
    }

    @Override
    public void removeQuota(String name) {
        core.quotas().remove(name);
    }

    @Override
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public void close() {
        core.close();
        closing.accept(this);
    }
}
