// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A group in an address space of iommufd (linux/iommufd.h, Documentation/userspace-api/iommufd.rst). */
final class IommufdSpace implements AddressSpace {
    static final String NAME = "iommufd";

    private static final int MOST_RANGES = 256;

    private final SystemCalls calls;
    private final Opened opened;
    private final IommuGroup group;
    private final String node;
    private final int iommufd;
    private final long space;
    private final Map<String, Integer> devices = new HashMap<>();
    private final AddressRanges aperture;
    private final long granule;

    private IommufdSpace(SystemCalls calls, Opened opened, Path root, IommuGroup group) {
        this.calls = calls;
        this.opened = opened;
        this.group = group;
        this.node = node(root).toString();
        this.iommufd = opened.add(calls.open(node, true));
        try (Arena arena = Arena.ofConfined()) {
            this.space = allocate(arena);
            group.userDevices().forEach(device -> attach(device, arena));
            MemorySegment ranges = arena.allocate(MOST_RANGES * KernelStructs.IOMMU_IOVA_RANGE.byteSize(), Long.BYTES);
            Struct.Value told = ask(ranges, arena);
            this.aperture = read(ranges, told.get("num_iovas"));
            this.granule = Math.max(calls.pageSize(), told.get("out_iova_alignment"));
        }
    }

    static Path node(Path root) {
        return root.resolve("dev/iommu");
    }

    /** Opens the address space of a group; when a call fails nothing is left open. */
    static IommufdSpace open(SystemCalls calls, Path root, IommuGroup group) {
        Opened opened = new Opened(calls);
        try {
            return new IommufdSpace(calls, opened, root, group);
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    private long allocate(Arena arena) {
        Struct alloc = KernelStructs.IOMMU_IOAS_ALLOC;
        Struct.Value value = alloc.in(arena).with("size", alloc.byteSize());
        calls.ioctl(iommufd, Ioctl.IOMMU_IOAS_ALLOC, node, value.address());
        return value.get("out_ioas_id");
    }

    private void attach(String address, Arena arena) {
        String file = group.deviceNode(address);
        int device = opened.add(calls.open(file, true));
        devices.put(address, device);
        Struct bind = KernelStructs.VFIO_BIND_IOMMUFD;
        Struct.Value bound = bind.in(arena).with("argsz", bind.byteSize()).with("iommufd", iommufd);
        calls.ioctl(device, Ioctl.VFIO_DEVICE_BIND_IOMMUFD, file, bound.address());
        Struct attach = KernelStructs.VFIO_ATTACH_IOMMUFD;
        Struct.Value attached = attach.in(arena).with("argsz", attach.byteSize()).with("pt_id", space);
        calls.ioctl(device, Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT, file, attached.address());
    }

    private Struct.Value ask(MemorySegment ranges, Arena arena) {
        Struct question = KernelStructs.IOMMU_IOVA_RANGES;
        Struct.Value value = question.in(arena)
                .with("size", question.byteSize())
                .with("ioas_id", space)
                .with("num_iovas", MOST_RANGES)
                .with("allowed_iovas", ranges.address());
        calls.ioctl(iommufd, Ioctl.IOMMU_IOAS_IOVA_RANGES, node, value.address());
        return value;
    }

    private static AddressRanges read(MemorySegment ranges, long count) {
        Struct range = KernelStructs.IOMMU_IOVA_RANGE;
        List<AddressRange> all = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            Struct.Value one = range.at(ranges, i * range.byteSize());
            all.add(new AddressRange(one.get("start"), one.get("last")));
        }
        return AddressRanges.of(all);
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
        Struct map = KernelStructs.IOMMU_IOAS_MAP;
        long flags = KernelStructs.IOMMU_IOAS_MAP_FIXED_IOVA
                | KernelStructs.IOMMU_IOAS_MAP_WRITEABLE
                | KernelStructs.IOMMU_IOAS_MAP_READABLE;
        try (Arena arena = Arena.ofConfined()) {
            Struct.Value value = map.in(arena)
                    .with("size", map.byteSize())
                    .with("flags", flags)
                    .with("ioas_id", space)
                    .with("user_va", cpuAddress)
                    .with("length", byteSize)
                    .with("iova", ioVirtual);
            calls.ioctl(iommufd, Ioctl.IOMMU_IOAS_MAP, node, value.address());
        }
    }

    @Override
    public void unmap(long ioVirtual, long byteSize) {
        Struct unmap = KernelStructs.IOMMU_IOAS_UNMAP;
        try (Arena arena = Arena.ofConfined()) {
            Struct.Value value = unmap.in(arena)
                    .with("size", unmap.byteSize())
                    .with("ioas_id", space)
                    .with("iova", ioVirtual)
                    .with("length", byteSize);
            calls.ioctl(iommufd, Ioctl.IOMMU_IOAS_UNMAP, node, value.address());
        }
    }

    @Override
    public int device(String pciAddress) {
        Integer device = devices.get(pciAddress);
        if (device == null) {
            throw new DmaBufException(
                    Reason.INVALID, group + " has no device " + pciAddress + " for user space, but " + devices.keySet());
        }
        return device;
    }

    @Override
    public void close() {
        opened.close();
    }
}
