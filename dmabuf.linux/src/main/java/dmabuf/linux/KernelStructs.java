// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static dmabuf.linux.Struct.u16;
import static dmabuf.linux.Struct.u32;
import static dmabuf.linux.Struct.u64;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The structures and flags of the kernel's interfaces, with the names of their headers. A test compiles the headers of
 * the machine and compares every size, offset and value; sizes are stated nowhere else.
 */
final class KernelStructs {
    // linux/dma-heap.h
    static final Struct DMA_HEAP_ALLOCATION =
            Struct.of("dma_heap_allocation_data", u64("len"), u32("fd"), u32("fd_flags"), u64("heap_flags"));

    // linux/dma-buf.h
    static final Struct DMA_BUF_SYNC = Struct.of("dma_buf_sync", u64("flags"));
    static final Struct DMA_BUF_EXPORT = Struct.of("dma_buf_export_sync_file", u32("flags"), u32("fd"));
    static final Struct DMA_BUF_IMPORT = Struct.of("dma_buf_import_sync_file", u32("flags"), u32("fd"));
    static final long DMA_BUF_SYNC_READ = 1;
    static final long DMA_BUF_SYNC_WRITE = 2;
    static final long DMA_BUF_SYNC_START = 0;
    static final long DMA_BUF_SYNC_END = 4;
    static final long DMA_BUF_NAME_LEN = 32;

    // linux/sync_file.h
    static final Struct SYNC_FILE_INFO = Struct.of(
            "sync_file_info",
            MemoryLayout.sequenceLayout(32, ValueLayout.JAVA_BYTE).withName("name"),
            u32("status"), u32("flags"), u32("num_fences"), u32("pad"), u64("sync_fence_info"));

    // asm-generic/poll.h
    static final Struct POLLFD = Struct.of("pollfd", u32("fd"), u16("events"), u16("revents"));
    static final long POLLIN = 1;
    static final long POLLOUT = 4;
    static final long POLLNVAL = 32;

    // linux/udmabuf.h
    static final Struct UDMABUF_CREATE =
            Struct.of("udmabuf_create", u32("memfd"), u32("flags"), u64("offset"), u64("size"));
    static final Struct UDMABUF_ITEM =
            Struct.of("udmabuf_create_item", u32("memfd"), u32("__pad"), u64("offset"), u64("size"));
    static final Struct UDMABUF_LIST = Struct.of("udmabuf_create_list", u32("flags"), u32("count"));
    static final long UDMABUF_FLAGS_CLOEXEC = 1;

    // linux/vfio.h
    static final Struct VFIO_GROUP_STATUS = Struct.of("vfio_group_status", u32("argsz"), u32("flags"));
    static final Struct VFIO_CAP_HEADER =
            Struct.of("vfio_info_cap_header", u16("id"), u16("version"), u32("next"));
    static final Struct VFIO_TYPE1_INFO = Struct.of(
            "vfio_iommu_type1_info", u32("argsz"), u32("flags"), u64("iova_pgsizes"), u32("cap_offset"),
            MemoryLayout.paddingLayout(4));
    static final Struct VFIO_IOVA_RANGE = Struct.of("vfio_iova_range", u64("start"), u64("end"));
    static final Struct VFIO_CAP_IOVA_RANGE = Struct.of(
            "vfio_iommu_type1_info_cap_iova_range", u64("header"), u32("nr_iovas"), u32("reserved"));
    static final Struct VFIO_DMA_MAP = Struct.of(
            "vfio_iommu_type1_dma_map", u32("argsz"), u32("flags"), u64("vaddr"), u64("iova"), u64("size"));
    static final Struct VFIO_DMA_UNMAP = Struct.of(
            "vfio_iommu_type1_dma_unmap", u32("argsz"), u32("flags"), u64("iova"), u64("size"));
    static final Struct VFIO_BIND_IOMMUFD = Struct.of(
            "vfio_device_bind_iommufd", u32("argsz"), u32("flags"), u32("iommufd"), u32("out_devid"));
    static final Struct VFIO_ATTACH_IOMMUFD =
            Struct.of("vfio_device_attach_iommufd_pt", u32("argsz"), u32("flags"), u32("pt_id"));
    static final long VFIO_API_VERSION = 0;
    static final long VFIO_TYPE1v2_IOMMU = 3;
    static final long VFIO_GROUP_FLAGS_VIABLE = 1;
    static final long VFIO_IOMMU_INFO_PGSIZES = 1;
    static final long VFIO_IOMMU_INFO_CAPS = 2;
    static final long VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE = 1;
    static final long VFIO_DMA_MAP_FLAG_READ = 1;
    static final long VFIO_DMA_MAP_FLAG_WRITE = 2;

    // linux/iommufd.h
    static final Struct IOMMU_IOAS_ALLOC =
            Struct.of("iommu_ioas_alloc", u32("size"), u32("flags"), u32("out_ioas_id"));
    static final Struct IOMMU_IOVA_RANGE = Struct.of("iommu_iova_range", u64("start"), u64("last"));
    static final Struct IOMMU_IOVA_RANGES = Struct.of(
            "iommu_ioas_iova_ranges",
            u32("size"), u32("ioas_id"), u32("num_iovas"), u32("__reserved"), u64("allowed_iovas"),
            u64("out_iova_alignment"));
    static final Struct IOMMU_IOAS_MAP = Struct.of(
            "iommu_ioas_map",
            u32("size"), u32("flags"), u32("ioas_id"), u32("__reserved"), u64("user_va"), u64("length"), u64("iova"));
    static final Struct IOMMU_IOAS_UNMAP =
            Struct.of("iommu_ioas_unmap", u32("size"), u32("ioas_id"), u64("iova"), u64("length"));
    static final long IOMMU_IOAS_MAP_FIXED_IOVA = 1;
    static final long IOMMU_IOAS_MAP_WRITEABLE = 2;
    static final long IOMMU_IOAS_MAP_READABLE = 4;

    private KernelStructs() {}

    /** Returns all structures. */
    static List<Struct> all() {
        return List.of(
                DMA_HEAP_ALLOCATION, DMA_BUF_SYNC, DMA_BUF_EXPORT, DMA_BUF_IMPORT, SYNC_FILE_INFO, POLLFD,
                UDMABUF_CREATE, UDMABUF_ITEM, UDMABUF_LIST, VFIO_GROUP_STATUS, VFIO_CAP_HEADER, VFIO_TYPE1_INFO, VFIO_IOVA_RANGE,
                VFIO_CAP_IOVA_RANGE, VFIO_DMA_MAP, VFIO_DMA_UNMAP, VFIO_BIND_IOMMUFD, VFIO_ATTACH_IOMMUFD,
                IOMMU_IOAS_ALLOC, IOMMU_IOVA_RANGE, IOMMU_IOVA_RANGES, IOMMU_IOAS_MAP,
                IOMMU_IOAS_UNMAP);
    }
}
