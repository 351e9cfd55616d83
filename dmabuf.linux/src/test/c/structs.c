/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what the kernel's headers on this machine say of every structure, request and flag that dmabuf.linux uses, one
 * fact a line. A header that is not there, or too old to know a name, is said in a line that begins with "absent".
 */
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>
#include <linux/ioctl.h>
#include <linux/poll.h>

#define SIZE(s) printf("size %s %zu\n", #s, sizeof(struct s));
#define FIELD(s, f) \
    printf("field %s.%s %zu %zu\n", #s, #f, offsetof(struct s, f), sizeof(((struct s *)0)->f));
#define REQUEST(r) printf("request %s 0x%lx\n", #r, (unsigned long)(r) & 0xffffffffUL);
#define FLAG(c) printf("flag %s %lld\n", #c, (long long)(c));
#define ABSENT(name) printf("absent %s\n", name);

#if __has_include(<linux/dma-heap.h>)
#include <linux/dma-heap.h>
static void heap(void)
{
    SIZE(dma_heap_allocation_data)
    FIELD(dma_heap_allocation_data, len)
    FIELD(dma_heap_allocation_data, fd)
    FIELD(dma_heap_allocation_data, fd_flags)
    FIELD(dma_heap_allocation_data, heap_flags)
    REQUEST(DMA_HEAP_IOCTL_ALLOC)
}
#else
static void heap(void) { ABSENT("linux/dma-heap.h") }
#endif

#if __has_include(<linux/dma-buf.h>)
#include <linux/dma-buf.h>
static void buffer(void)
{
    SIZE(dma_buf_sync)
    FIELD(dma_buf_sync, flags)
    REQUEST(DMA_BUF_IOCTL_SYNC)
    REQUEST(DMA_BUF_SET_NAME_B)
    FLAG(DMA_BUF_SYNC_READ)
    FLAG(DMA_BUF_SYNC_WRITE)
    FLAG(DMA_BUF_SYNC_START)
    FLAG(DMA_BUF_SYNC_END)
    FLAG(DMA_BUF_NAME_LEN)
#ifdef DMA_BUF_IOCTL_EXPORT_SYNC_FILE
    SIZE(dma_buf_export_sync_file)
    FIELD(dma_buf_export_sync_file, flags)
    FIELD(dma_buf_export_sync_file, fd)
    SIZE(dma_buf_import_sync_file)
    FIELD(dma_buf_import_sync_file, flags)
    FIELD(dma_buf_import_sync_file, fd)
    REQUEST(DMA_BUF_IOCTL_EXPORT_SYNC_FILE)
    REQUEST(DMA_BUF_IOCTL_IMPORT_SYNC_FILE)
#else
    ABSENT("linux/dma-buf.h of Linux 6.0")
#endif
}
#else
static void buffer(void) { ABSENT("linux/dma-buf.h") }
#endif

#if __has_include(<linux/sync_file.h>)
#include <linux/sync_file.h>
static void sync(void)
{
    SIZE(sync_file_info)
    FIELD(sync_file_info, name)
    FIELD(sync_file_info, status)
    FIELD(sync_file_info, flags)
    FIELD(sync_file_info, num_fences)
    FIELD(sync_file_info, pad)
    FIELD(sync_file_info, sync_fence_info)
    REQUEST(SYNC_IOC_FILE_INFO)
}
#else
static void sync(void) { ABSENT("linux/sync_file.h") }
#endif

static void polling(void)
{
    SIZE(pollfd)
    FIELD(pollfd, fd)
    FIELD(pollfd, events)
    FIELD(pollfd, revents)
    FLAG(POLLIN)
    FLAG(POLLOUT)
    FLAG(POLLNVAL)
}

#if __has_include(<linux/udmabuf.h>)
#include <linux/udmabuf.h>
static void udmabuf(void)
{
    SIZE(udmabuf_create)
    FIELD(udmabuf_create, memfd)
    FIELD(udmabuf_create, flags)
    FIELD(udmabuf_create, offset)
    FIELD(udmabuf_create, size)
    SIZE(udmabuf_create_item)
    FIELD(udmabuf_create_item, memfd)
    FIELD(udmabuf_create_item, __pad)
    FIELD(udmabuf_create_item, offset)
    FIELD(udmabuf_create_item, size)
    SIZE(udmabuf_create_list)
    FIELD(udmabuf_create_list, flags)
    FIELD(udmabuf_create_list, count)
    REQUEST(UDMABUF_CREATE)
    REQUEST(UDMABUF_CREATE_LIST)
    FLAG(UDMABUF_FLAGS_CLOEXEC)
}
#else
static void udmabuf(void) { ABSENT("linux/udmabuf.h") }
#endif

#if __has_include(<linux/vfio.h>)
#include <linux/vfio.h>
static void vfio(void)
{
    SIZE(vfio_group_status)
    FIELD(vfio_group_status, argsz)
    FIELD(vfio_group_status, flags)
    SIZE(vfio_info_cap_header)
    FIELD(vfio_info_cap_header, id)
    FIELD(vfio_info_cap_header, version)
    FIELD(vfio_info_cap_header, next)
    SIZE(vfio_iommu_type1_info)
    FIELD(vfio_iommu_type1_info, argsz)
    FIELD(vfio_iommu_type1_info, flags)
    FIELD(vfio_iommu_type1_info, iova_pgsizes)
    FIELD(vfio_iommu_type1_info, cap_offset)
    SIZE(vfio_iova_range)
    FIELD(vfio_iova_range, start)
    FIELD(vfio_iova_range, end)
    SIZE(vfio_iommu_type1_info_cap_iova_range)
    FIELD(vfio_iommu_type1_info_cap_iova_range, header)
    FIELD(vfio_iommu_type1_info_cap_iova_range, nr_iovas)
    FIELD(vfio_iommu_type1_info_cap_iova_range, reserved)
    SIZE(vfio_iommu_type1_dma_map)
    FIELD(vfio_iommu_type1_dma_map, argsz)
    FIELD(vfio_iommu_type1_dma_map, flags)
    FIELD(vfio_iommu_type1_dma_map, vaddr)
    FIELD(vfio_iommu_type1_dma_map, iova)
    FIELD(vfio_iommu_type1_dma_map, size)
    SIZE(vfio_iommu_type1_dma_unmap)
    FIELD(vfio_iommu_type1_dma_unmap, argsz)
    FIELD(vfio_iommu_type1_dma_unmap, flags)
    FIELD(vfio_iommu_type1_dma_unmap, iova)
    FIELD(vfio_iommu_type1_dma_unmap, size)
    REQUEST(VFIO_GET_API_VERSION)
    REQUEST(VFIO_CHECK_EXTENSION)
    REQUEST(VFIO_SET_IOMMU)
    REQUEST(VFIO_GROUP_GET_STATUS)
    REQUEST(VFIO_GROUP_SET_CONTAINER)
    REQUEST(VFIO_GROUP_GET_DEVICE_FD)
    REQUEST(VFIO_IOMMU_GET_INFO)
    REQUEST(VFIO_IOMMU_MAP_DMA)
    REQUEST(VFIO_IOMMU_UNMAP_DMA)
    FLAG(VFIO_API_VERSION)
    FLAG(VFIO_TYPE1v2_IOMMU)
    FLAG(VFIO_GROUP_FLAGS_VIABLE)
    FLAG(VFIO_IOMMU_INFO_PGSIZES)
    FLAG(VFIO_IOMMU_INFO_CAPS)
    FLAG(VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
    FLAG(VFIO_DMA_MAP_FLAG_READ)
    FLAG(VFIO_DMA_MAP_FLAG_WRITE)
#ifdef VFIO_DEVICE_BIND_IOMMUFD
    SIZE(vfio_device_bind_iommufd)
    FIELD(vfio_device_bind_iommufd, argsz)
    FIELD(vfio_device_bind_iommufd, flags)
    FIELD(vfio_device_bind_iommufd, iommufd)
    FIELD(vfio_device_bind_iommufd, out_devid)
    SIZE(vfio_device_attach_iommufd_pt)
    FIELD(vfio_device_attach_iommufd_pt, argsz)
    FIELD(vfio_device_attach_iommufd_pt, flags)
    FIELD(vfio_device_attach_iommufd_pt, pt_id)
    REQUEST(VFIO_DEVICE_BIND_IOMMUFD)
    REQUEST(VFIO_DEVICE_ATTACH_IOMMUFD_PT)
#else
    ABSENT("linux/vfio.h of Linux 6.6")
#endif
}
#else
static void vfio(void) { ABSENT("linux/vfio.h") }
#endif

#if __has_include(<linux/iommufd.h>)
#include <linux/iommufd.h>
static void iommufd(void)
{
    SIZE(iommu_ioas_alloc)
    FIELD(iommu_ioas_alloc, size)
    FIELD(iommu_ioas_alloc, flags)
    FIELD(iommu_ioas_alloc, out_ioas_id)
    SIZE(iommu_iova_range)
    FIELD(iommu_iova_range, start)
    FIELD(iommu_iova_range, last)
    SIZE(iommu_ioas_iova_ranges)
    FIELD(iommu_ioas_iova_ranges, size)
    FIELD(iommu_ioas_iova_ranges, ioas_id)
    FIELD(iommu_ioas_iova_ranges, num_iovas)
    FIELD(iommu_ioas_iova_ranges, __reserved)
    FIELD(iommu_ioas_iova_ranges, allowed_iovas)
    FIELD(iommu_ioas_iova_ranges, out_iova_alignment)
    SIZE(iommu_ioas_map)
    FIELD(iommu_ioas_map, size)
    FIELD(iommu_ioas_map, flags)
    FIELD(iommu_ioas_map, ioas_id)
    FIELD(iommu_ioas_map, __reserved)
    FIELD(iommu_ioas_map, user_va)
    FIELD(iommu_ioas_map, length)
    FIELD(iommu_ioas_map, iova)
    SIZE(iommu_ioas_unmap)
    FIELD(iommu_ioas_unmap, size)
    FIELD(iommu_ioas_unmap, ioas_id)
    FIELD(iommu_ioas_unmap, iova)
    FIELD(iommu_ioas_unmap, length)
    REQUEST(IOMMU_IOAS_ALLOC)
    REQUEST(IOMMU_IOAS_IOVA_RANGES)
    REQUEST(IOMMU_IOAS_MAP)
    REQUEST(IOMMU_IOAS_UNMAP)
    FLAG(IOMMU_IOAS_MAP_FIXED_IOVA)
    FLAG(IOMMU_IOAS_MAP_WRITEABLE)
    FLAG(IOMMU_IOAS_MAP_READABLE)
}
#else
static void iommufd(void) { ABSENT("linux/iommufd.h") }
#endif

int main(void)
{
    heap();
    buffer();
    sync();
    polling();
    udmabuf();
    vfio();
    iommufd();
    return 0;
}
