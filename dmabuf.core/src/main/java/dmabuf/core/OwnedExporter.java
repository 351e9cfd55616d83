// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AccessBits;
import dmabuf.api.AllocatorInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.DeviceInfo;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Exporter;
import dmabuf.api.HoldingInfo;
import dmabuf.api.Names;
import dmabuf.api.OwnerInfo;
import dmabuf.api.Plan;
import dmabuf.api.QuotaInfo;
import dmabuf.api.Reason;
import dmabuf.api.SetInfo;
import dmabuf.api.SetRequest;
import dmabuf.api.spi.Participant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ServiceScope;

/** The exporter as one owner sees it; in the service registry each bundle that uses it is an owner. */
@Component(service = Exporter.class, scope = ServiceScope.BUNDLE)
public final class OwnedExporter implements Exporter {
    private final Core core;
    private final Owner owner;

    /** Makes the exporter of the bundle that uses the service. */
    @Activate
    public OwnedExporter(@Reference CoreComponent component, ComponentContext context) {
        this(component.core(), component.owner(context.getUsingBundle()));
    }

    OwnedExporter(Core core, Owner owner) {
        this.core = core;
        this.owner = owner;
    }

    private void check() {
        core.check();
        owner.check();
    }

    @Override
    public DmaBuf create(BufferRequest request) {
        check();
        return core.opening().create(request, owner);
    }

    @Override
    public BufferSet createSet(SetRequest request) {
        check();
        return core.sets().create(request, owner);
    }

    @Override
    public List<SetInfo> sets() {
        check();
        return core.sets().infos();
    }

    @Override
    public DmaBuf open(long id) {
        check();
        return core.opening().open(id, owner);
    }

    @Override
    public DmaBuf share(DmaBuf handle) {
        check();
        if (handle instanceof BufferReference reference && reference.buffer().core() == core) {
            return core.opening().open(reference.id(), owner);
        }
        throw new DmaBufException(
                Reason.INVALID, "this buffer is not of this runtime: " + handle.getClass().getName());
    }

    @Override
    public Plan plan(BufferRequest request, Collection<String> devices) {
        check();
        return new Planning(core, request, owner).plan(List.copyOf(devices));
    }

    @Override
    public DmaConstraints merge(Collection<String> devices) {
        check();
        return core.presence(false)
                .merge(devices.stream().map(core::resolve).distinct().map(DeviceEntry::member).toList());
    }

    @Override
    public DeviceInfo device(String name) {
        check();
        return info(core.resolve(name));
    }

    @Override
    public List<DeviceInfo> devices() {
        check();
        return core.devices().snapshot().present().values().stream()
                .sorted(Comparator.comparing(DeviceEntry::name, Names.ORDER))
                .map(this::info)
                .toList();
    }

    private DeviceInfo info(DeviceEntry device) {
        List<String> accepting = core.allocators().snapshot().active().stream()
                .filter(allocator -> accepts(allocator, device))
                .map(AllocatorEntry::id)
                .toList();
        return new DeviceInfo(device.name(), device.parent(), device.paths(), device.properties(), accepting);
    }

    private static boolean accepts(AllocatorEntry allocator, DeviceEntry device) {
        return device.paths().stream().anyMatch(path -> allocator.accepts(new Participant(device.name(), path)));
    }

    @Override
    public List<AllocatorInfo> allocators() {
        check();
        Allocators.Snapshot snapshot = core.allocators().snapshot();
        return Stream.concat(
                        snapshot.active().stream().map(entry -> Census.allocator(core, entry)),
                        snapshot.standby().stream().map(entry -> entry.info(true)))
                .toList();
    }

    @Override
    public AccessBits accessBits() {
        check();
        return core.settings().accessBits();
    }

    @Override
    public List<OwnerInfo> owners() {
        check();
        return Census.owners(core);
    }

    @Override
    public List<HoldingInfo> holdings() {
        check();
        return Census.holdings(core);
    }

    @Override
    public List<QuotaInfo> quotas() {
        check();
        return core.quotas().all();
    }

    @Override
    public List<BufferInfo> buffers() {
        check();
        return core.sets().buffers().stream()
                .map(BufferPicture::of)
                .toList();
    }
}
