// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A group in a VFIO container of type 1 (linux/vfio.h, Documentation/driver-api/vfio.rst). */
final class Type1Space implements AddressSpace {
    static final String NAME = "vfio-type1";

    private final SystemCalls calls;
    private final Opened opened;
    private final IommuGroup group;
    private final String node;
    private final int container;
    private final int groupFile;
    private final Map<String, Integer> devices = new HashMap<>();
    private final AddressRanges aperture;
    private final long granule;

    private Type1Space(SystemCalls calls, Opened opened, Path root, IommuGroup group) {
        this.calls = calls;
        this.opened = opened;
        this.group = group;
        this.node = node(root).toString();
        this.container = opened.add(calls.open(node, true));
        this.groupFile = opened.add(calls.open(group.node(), true));
        attach();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = info(arena);
            Struct.Value head = KernelStructs.VFIO_TYPE1_INFO.at(info, 0);
            this.aperture = ranges(info, head);
            this.granule = Math.max(calls.pageSize(), Long.lowestOneBit(head.get("iova_pgsizes")));
        }
    }

    static Path node(Path root) {
        return root.resolve("dev/vfio/vfio");
    }

    /** Opens the address space of a group; when a call fails nothing is left open. */
    static Type1Space open(SystemCalls calls, Path root, IommuGroup group) {
        Opened opened = new Opened(calls);
        try {
            group.userDevices();
            return new Type1Space(calls, opened, root, group);
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    private void attach() {
        try (Arena arena = Arena.ofConfined()) {
            if (calls.ioctl(container, Ioctl.VFIO_GET_API_VERSION, node, 0) != KernelStructs.VFIO_API_VERSION
                    || calls.ioctl(container, Ioctl.VFIO_CHECK_EXTENSION, node, KernelStructs.VFIO_TYPE1v2_IOMMU) == 0) {
                throw new DmaBufException(
                        Reason.ACCESS, node + " offers no type 1: CONFIG_VFIO_IOMMU_TYPE1, or modprobe vfio_iommu_type1");
            }
            checkViable(arena);
            MemorySegment file = arena.allocateFrom(ValueLayout.JAVA_INT, container);
            calls.ioctl(groupFile, Ioctl.VFIO_GROUP_SET_CONTAINER, group.node(), file.address());
            calls.ioctl(container, Ioctl.VFIO_SET_IOMMU, node, KernelStructs.VFIO_TYPE1v2_IOMMU);
        }
    }

    private void checkViable(Arena arena) {
        Struct status = KernelStructs.VFIO_GROUP_STATUS;
        Struct.Value value = status.in(arena).with("argsz", status.byteSize());
        calls.ioctl(groupFile, Ioctl.VFIO_GROUP_GET_STATUS, group.node(), value.address());
        if ((value.get("flags") & KernelStructs.VFIO_GROUP_FLAGS_VIABLE) == 0) {
            throw new DmaBufException(
                    Reason.ACCESS,
                    group + ": bind all its devices to vfio-pci, or to no driver: " + String.join(", ", group.devices()));
        }
    }

    /** The kernel says how much it has to tell, and then tells it. */
    private MemorySegment info(Arena arena) {
        long asked = KernelStructs.VFIO_TYPE1_INFO.byteSize();
        while (true) {
            MemorySegment info = arena.allocate(asked, Long.BYTES);
            Struct.Value head = KernelStructs.VFIO_TYPE1_INFO.at(info, 0).with("argsz", asked);
            calls.ioctl(container, Ioctl.VFIO_IOMMU_GET_INFO, node, head.address());
            if (head.get("argsz") <= asked) {
                return info;
            }
            asked = head.get("argsz");
        }
    }

    /** All addresses where an old kernel tells no ranges: it refuses what it cannot map. */
    private static AddressRanges ranges(MemorySegment info, Struct.Value head) {
        long offset = (head.get("flags") & KernelStructs.VFIO_IOMMU_INFO_CAPS) == 0 ? 0 : head.get("cap_offset");
        while (offset != 0) {
            Struct.Value capability = KernelStructs.VFIO_CAP_HEADER.at(info, offset);
            if (capability.get("id") == KernelStructs.VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
                return ranges(info, offset);
            }
            offset = capability.get("next");
        }
        return AddressRanges.ALL;
    }

    private static AddressRanges ranges(MemorySegment info, long offset) {
        Struct list = KernelStructs.VFIO_CAP_IOVA_RANGE;
        Struct range = KernelStructs.VFIO_IOVA_RANGE;
        List<AddressRange> ranges = new ArrayList<>();
        for (long i = 0; i < list.at(info, offset).get("nr_iovas"); i++) {
            Struct.Value one = range.at(info, offset + list.byteSize() + i * range.byteSize());
            ranges.add(new AddressRange(one.get("start"), one.get("end")));
        }
        return AddressRanges.of(ranges);
    }

    @Override
    public String source() {
        return NAME;
    }

    @Override
    public AddressRanges aperture() {
        return aperture;
    }

    @Override
    public long granule() {
        return granule;
    }

    @Override
    public void map(long cpuAddress, long byteSize, long ioVirtual) {
        Struct map = KernelStructs.VFIO_DMA_MAP;
        try (Arena arena = Arena.ofConfined()) {
            Struct.Value value = map.in(arena)
                    .with("argsz", map.byteSize())
                    .with("flags", KernelStructs.VFIO_DMA_MAP_FLAG_READ | KernelStructs.VFIO_DMA_MAP_FLAG_WRITE)
                    .with("vaddr", cpuAddress)
                    .with("iova", ioVirtual)
                    .with("size", byteSize);
            calls.ioctl(container, Ioctl.VFIO_IOMMU_MAP_DMA, node, value.address());
        }
    }

    @Override
    public void unmap(long ioVirtual, long byteSize) {
        Struct unmap = KernelStructs.VFIO_DMA_UNMAP;
        try (Arena arena = Arena.ofConfined()) {
            Struct.Value value = unmap.in(arena)
                    .with("argsz", unmap.byteSize())
                    .with("iova", ioVirtual)
                    .with("size", byteSize);
            calls.ioctl(container, Ioctl.VFIO_IOMMU_UNMAP_DMA, node, value.address());
        }
    }

    @Override
    public int device(String pciAddress) {
        return devices.computeIfAbsent(pciAddress, address -> {
            try (Arena arena = Arena.ofConfined()) {
                long text = arena.allocateFrom(address).address();
                return opened.add(calls.ioctl(groupFile, Ioctl.VFIO_GROUP_GET_DEVICE_FD, group.node(), text));
            }
        });
    }

    @Override
    public void close() {
        opened.close();
    }
}
