// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.BufferRequest;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * A bundle that is everything at once: an allocator that all others come after, a driver with a device, and a user who has
 * buffers idle, mapped, in access and deferred. It gives nothing back when it stops.
 */
public final class Guest implements BundleActivator {
    private static final int SIZE = 10_000;

    /** Its device. */
    static final String DEVICE = "guest.device";

    @Override
    public void start(BundleContext context) {
        new Bank(0x2000_0000L, 16 << 20).register(context, "guest", 1000);
        Services.device(context, DEVICE, "align=4K");
        Exporter exporter = Services.exporter(context);
        DmaBuf mapped = exporter.create(BufferRequest.ofSize(SIZE));
        mapped.attach(DEVICE).map(Direction.BIDIRECTIONAL).openFile();
        mapped.mapForUser(CpuRequest.of(CpuMode.READ_WRITE));
        mapped.beginCpuAccess(CpuRequest.of(CpuMode.READ_WRITE).withShared()).segment();
        Pattern.fill(mapped, 2);
        DmaBuf idle = exporter.create(BufferRequest.ofSize(SIZE));
        idle.attach(DEVICE);
        Pattern.fill(idle, 1);
        exporter.create(BufferRequest.ofSize(SIZE)).attach(DEVICE);
        Services.obey(context, "guest", word -> "open " + mapped.id() + " 2");
    }

    @Override
    public void stop(BundleContext context) {}
}
