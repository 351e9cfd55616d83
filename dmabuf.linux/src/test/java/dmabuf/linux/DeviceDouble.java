// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests of devices as the kernel would, with memfds in the place of dma-bufs and VFIO devices: enough to see
 * what is left open or mapped, and by whom. What the kernel really does is tried in the lab.
 */
final class DeviceDouble {
    /** The name of all descriptors that come from here. */
    static final String NAME = "a-device-double";

    private static final Set<Ioctl> QUIET = EnumSet.of(
            Ioctl.DMA_BUF_SET_NAME_B, Ioctl.DMA_BUF_IOCTL_SYNC, Ioctl.VFIO_GET_API_VERSION, Ioctl.VFIO_SET_IOMMU,
            Ioctl.VFIO_GROUP_SET_CONTAINER, Ioctl.VFIO_DEVICE_BIND_IOMMUFD, Ioctl.VFIO_DEVICE_ATTACH_IOMMUFD_PT);
    private static final Set<Ioctl> SILENT = EnumSet.of(Ioctl.DMA_BUF_IOCTL_IMPORT_SYNC_FILE);

    @SuppressWarnings("restricted") // Reads what the caller hands to the kernel.
    private static final MemorySegment ANYWHERE = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** Requests that change nothing here. */
    final List<Ioctl> asked = new CopyOnWriteArrayList<>();

    /** Sizes of what is mapped, by I/O virtual address. */
    final Map<Long, Long> mapped = new TreeMap<>();

    /** Run once, after the next mapping was undone. */
    @Nullable Runnable afterUnmap;

    /** Run once, in the midst of the next beginning or end of an access. */
    @Nullable Runnable duringSync;

    /** What the kernel tells of a sync_file: 1 when it is signalled, an errno below 0 when it failed. */
    volatile int fenceStatus = 1;

    private final CLibrary real;
    private boolean isViable = true;

    DeviceDouble(CLibrary real) {
        this.real = real;
    }

    /** From now on a device of the group has another driver. */
    void notViable() {
        isViable = false;
    }

    boolean answers(Ioctl request) {
        return !SILENT.contains(request);
    }

    int answer(Ioctl request, long argument) {
        if (QUIET.contains(request)) {
            asked.add(request);
            if (request == Ioctl.DMA_BUF_IOCTL_SYNC) {
                Runnable during = duringSync;
                duringSync = null;
                run(during);
            }
            return 0;
        }
        return switch (request) {
            case DMA_HEAP_IOCTL_ALLOC -> heap(KernelStructs.DMA_HEAP_ALLOCATION.at(ANYWHERE, argument));
            case UDMABUF_CREATE -> file(KernelStructs.UDMABUF_CREATE.at(ANYWHERE, argument).get("size"));
            case DMA_BUF_IOCTL_EXPORT_SYNC_FILE -> syncFile(KernelStructs.DMA_BUF_EXPORT.at(ANYWHERE, argument));
            case SYNC_IOC_FILE_INFO -> status(argument);
            case VFIO_CHECK_EXTENSION -> 1;
            case VFIO_GROUP_GET_STATUS -> status(KernelStructs.VFIO_GROUP_STATUS.at(ANYWHERE, argument));
            case VFIO_IOMMU_GET_INFO -> info(argument);
            case VFIO_IOMMU_MAP_DMA -> map(KernelStructs.VFIO_DMA_MAP.at(ANYWHERE, argument), "size");
            case VFIO_IOMMU_UNMAP_DMA -> unmap(KernelStructs.VFIO_DMA_UNMAP.at(ANYWHERE, argument), "size");
            case IOMMU_IOAS_ALLOC -> space(KernelStructs.IOMMU_IOAS_ALLOC.at(ANYWHERE, argument));
            case IOMMU_IOAS_IOVA_RANGES -> ranges(KernelStructs.IOMMU_IOVA_RANGES.at(ANYWHERE, argument));
            case IOMMU_IOAS_MAP -> map(KernelStructs.IOMMU_IOAS_MAP.at(ANYWHERE, argument), "length");
            case IOMMU_IOAS_UNMAP -> unmap(KernelStructs.IOMMU_IOAS_UNMAP.at(ANYWHERE, argument), "length");
            default -> file(real.pageSize());
        };
    }

    private int heap(Struct.Value asked) {
        asked.with("fd", file(asked.get("len")));
        return 0;
    }

    private int syncFile(Struct.Value asked) {
        asked.with("fd", file(real.pageSize()));
        return 0;
    }

    private int status(long info) {
        KernelStructs.SYNC_FILE_INFO.at(ANYWHERE, info).with("status", fenceStatus);
        return 0;
    }

    private int file(long byteSize) {
        int file = real.memfdCreate(NAME);
        real.ftruncate(file, byteSize);
        return file;
    }

    private int status(Struct.Value status) {
        status.with("flags", isViable ? KernelStructs.VFIO_GROUP_FLAGS_VIABLE : 0);
        return 0;
    }

    /** Tells first how much there is to tell, as the kernel does, and then two ranges behind another capability. */
    private int info(long argument) {
        Struct.Value head = KernelStructs.VFIO_TYPE1_INFO.at(ANYWHERE, argument);
        long first = KernelStructs.VFIO_TYPE1_INFO.byteSize();
        long second = first + 16;
        long ranges = second + KernelStructs.VFIO_CAP_IOVA_RANGE.byteSize();
        long whole = ranges + 2 * KernelStructs.VFIO_IOVA_RANGE.byteSize();
        head.with("flags", KernelStructs.VFIO_IOMMU_INFO_PGSIZES | KernelStructs.VFIO_IOMMU_INFO_CAPS)
                .with("iova_pgsizes", 0x40201000);
        if (head.get("argsz") >= whole) {
            head.with("cap_offset", first);
            KernelStructs.VFIO_CAP_HEADER.at(ANYWHERE, argument + first).with("id", 3).with("next", second);
            KernelStructs.VFIO_CAP_HEADER.at(ANYWHERE, argument + second)
                    .with("id", KernelStructs.VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
            KernelStructs.VFIO_CAP_IOVA_RANGE.at(ANYWHERE, argument + second).with("nr_iovas", 2);
            KernelStructs.VFIO_IOVA_RANGE.at(ANYWHERE, argument + ranges).with("end", 0xfedfffffL);
            KernelStructs.VFIO_IOVA_RANGE.at(ANYWHERE, argument + ranges + 16)
                    .with("start", 0xfef00000L)
                    .with("end", 0xffffffffffffL);
        }
        head.with("argsz", whole);
        return 0;
    }

    private static int space(Struct.Value space) {
        space.with("out_ioas_id", 7);
        return 0;
    }

    private static int ranges(Struct.Value question) {
        long array = question.get("allowed_iovas");
        KernelStructs.IOMMU_IOVA_RANGE.at(ANYWHERE, array).with("last", 0xfedfffffL);
        KernelStructs.IOMMU_IOVA_RANGE.at(ANYWHERE, array + 16)
                .with("start", 0xfef00000L)
                .with("last", 0xffffffffffffL);
        question.with("num_iovas", 2).with("out_iova_alignment", 1);
        return 0;
    }

    private int map(Struct.Value map, String size) {
        mapped.put(map.get("iova"), map.get(size));
        return 0;
    }

    private int unmap(Struct.Value unmap, String size) {
        if (!mapped.remove(unmap.get("iova"), unmap.get(size))) {
            throw Errno.failure("unmap", Errno.EINVAL.number());
        }
        Runnable after = afterUnmap;
        afterUnmap = null;
        run(after);
        return 0;
    }

    private static void run(@Nullable Runnable once) {
        if (once != null) {
            once.run();
        }
    }
}
