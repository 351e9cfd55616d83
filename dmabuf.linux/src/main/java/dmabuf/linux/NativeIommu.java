// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.IommuService;
import dmabuf.api.spi.IommuSpace;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.SourceState;
import dmabuf.api.spi.UserDevice;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * The address spaces of Linux: iommufd where it and the nodes of VFIO's devices are there, else VFIO type 1. When the
 * service stops, every space ends: devices reach no memory any more.
 */
@Component
public final class NativeIommu implements IommuService {
    private final SystemCalls calls;
    private final Path root;
    private final Map<String, GroupSpace> spaces = new ConcurrentHashMap<>();
    private volatile boolean gone;

    /** Opens nothing yet. */
    @Activate
    public NativeIommu() {
        this(new CLibrary(), Path.of("/"));
    }

    NativeIommu(SystemCalls calls, Path root) {
        this.calls = calls;
        this.root = root;
    }

    /** Ends all spaces, also when one fails. */
    @Deactivate
    void stop() {
        gone = true;
        Every.of(spaces.values(), GroupSpace::end);
    }

    @Override
    public SourceState state() {
        if (!IommuGroup.isAny(root)) {
            return new SourceState("iommu", false, IommuGroup.noGroups(root));
        }
        SourceState first = probe(IommufdSpace.NAME, IommufdSpace.node(root));
        if (first.isUsable()) {
            return first;
        }
        SourceState second = probe(Type1Space.NAME, Type1Space.node(root));
        return second.isUsable()
                ? new SourceState(second.name(), true, second.text() + "; not iommufd: " + first.text())
                : new SourceState("iommu", false, first.text() + "; " + second.text());
    }

    private SourceState probe(String name, Path node) {
        try {
            calls.close(calls.open(node.toString(), true));
            return new SourceState(name, true, node + ": usable");
        } catch (DmaBufException e) {
            return new SourceState(name, false, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public IommuSpace open(String group) {
        while (true) {
            if (gone) {
                throw new DmaBufException(Reason.GONE, "the IOMMU service has stopped");
            }
            GroupSpace space = spaces.computeIfAbsent(group, this::create);
            if (space.enter()) {
                return new Handle(space);
            }
            spaces.remove(group, space);
        }
    }

    private GroupSpace create(String number) {
        IommuGroup group = IommuGroup.of(root, number);
        return new GroupSpace(group, kernel(group));
    }

    /** The better way, else the other; when neither works, what is in the way of both. */
    private AddressSpace kernel(IommuGroup group) {
        group.userDevices();
        try {
            return IommufdSpace.open(calls, root, group);
        } catch (DmaBufException first) {
            try {
                return Type1Space.open(calls, root, group);
            } catch (DmaBufException second) {
                throw new DmaBufException(
                        second.reason(), group + ": " + first.getMessage() + "; " + second.getMessage(), second);
            }
        }
    }

    /** What one caller opened. */
    private final class Handle implements IommuSpace {
        private final GroupSpace space;
        private final AtomicBoolean closed = new AtomicBoolean();

        Handle(GroupSpace space) {
            this.space = space;
            if (gone) {
                space.end();
            }
        }

        @Override
        public String source() {
            return space.kernel().source();
        }

        @Override
        public AddressRanges aperture() {
            return space.kernel().aperture();
        }

        @Override
        public long granule() {
            return space.kernel().granule();
        }

        @Override
        public void map(Memory memory, long byteOffset, long byteSize, long ioVirtual) {
            checkOpen();
            if (!(memory instanceof LinuxMemory own)) {
                throw new IllegalArgumentException(memory + " is not of the memory service");
            }
            space.map(own, byteOffset, byteSize, ioVirtual);
        }

        @Override
        public void unmap(long ioVirtual, long byteSize) {
            space.unmap(ioVirtual, byteSize);
        }

        @Override
        public UserDevice device(String pciAddress) {
            checkOpen();
            return space.device(pciAddress);
        }

        private void checkOpen() {
            if (closed.get()) {
                throw new DmaBufException(Reason.GONE, space + " was closed by this user");
            }
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                space.leave();
            }
        }
    }
}
