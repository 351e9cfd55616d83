// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ioctl(2) requests, with the names of their headers. The number is made of direction, type, number and the size of
 * the structure, as the macro _IOC of linux/ioctl.h does; VFIO and iommufd encode neither direction nor size.
 */
enum Ioctl {
    DMA_HEAP_IOCTL_ALLOC(
            Way.READ_WRITE, 'H', 0, KernelStructs.DMA_HEAP_ALLOCATION.byteSize(), "CONFIG_DMABUF_HEAPS", Help.HEAP),
    DMA_BUF_IOCTL_SYNC(Way.WRITE, 'b', 0, KernelStructs.DMA_BUF_SYNC.byteSize(), "CONFIG_DMA_SHARED_BUFFER"),
    DMA_BUF_SET_NAME_B(Way.WRITE, 'b', 1, Long.BYTES, "Linux 5.3 or later"),
    DMA_BUF_IOCTL_EXPORT_SYNC_FILE(
            Way.READ_WRITE, 'b', 2, KernelStructs.DMA_BUF_EXPORT.byteSize(), "CONFIG_SYNC_FILE, Linux 6.0 or later"),
    DMA_BUF_IOCTL_IMPORT_SYNC_FILE(
            Way.WRITE, 'b', 3, KernelStructs.DMA_BUF_IMPORT.byteSize(), "CONFIG_SYNC_FILE, Linux 6.0 or later"),
    SYNC_IOC_FILE_INFO(Way.READ_WRITE, '>', 4, KernelStructs.SYNC_FILE_INFO.byteSize(), "CONFIG_SYNC_FILE"),
    UDMABUF_CREATE(Way.WRITE, 'u', 0x42, KernelStructs.UDMABUF_CREATE.byteSize(), "CONFIG_UDMABUF", Help.UDMABUF),
    UDMABUF_CREATE_LIST(
            Way.WRITE, 'u', 0x43, KernelStructs.UDMABUF_LIST.byteSize(), "CONFIG_UDMABUF", Help.UDMABUF),

    VFIO_GET_API_VERSION(';', 100, "CONFIG_VFIO_CONTAINER"),
    VFIO_CHECK_EXTENSION(';', 101, "CONFIG_VFIO_CONTAINER"),
    VFIO_SET_IOMMU(';', 102, "CONFIG_VFIO_IOMMU_TYPE1", Help.INTERRUPTS),
    VFIO_GROUP_GET_STATUS(';', 103, "CONFIG_VFIO_GROUP"),
    VFIO_GROUP_SET_CONTAINER(';', 104, "CONFIG_VFIO_GROUP"),
    VFIO_GROUP_GET_DEVICE_FD(';', 106, "CONFIG_VFIO_GROUP"),
    VFIO_IOMMU_GET_INFO(';', 112, "CONFIG_VFIO_IOMMU_TYPE1"),
    VFIO_IOMMU_MAP_DMA(';', 113, "CONFIG_VFIO_IOMMU_TYPE1", Help.PINNING),
    VFIO_IOMMU_UNMAP_DMA(';', 114, "CONFIG_VFIO_IOMMU_TYPE1"),
    VFIO_DEVICE_BIND_IOMMUFD(';', 118, "CONFIG_VFIO_DEVICE_CDEV"),
    VFIO_DEVICE_ATTACH_IOMMUFD_PT(
            ';', 119, "CONFIG_VFIO_DEVICE_CDEV", Help.INTERRUPTS),

    IOMMU_IOAS_ALLOC(';', 0x81, "CONFIG_IOMMUFD"),
    IOMMU_IOAS_IOVA_RANGES(';', 0x84, "CONFIG_IOMMUFD"),
    IOMMU_IOAS_MAP(';', 0x85, "CONFIG_IOMMUFD", Help.PINNING),
    IOMMU_IOAS_UNMAP(';', 0x86, "CONFIG_IOMMUFD");

    private final long number;
    private final String option;
    private final Help help;

    /** What only some requests mean by an errno. */
    private enum Help {
        NONE,
        HEAP,
        UDMABUF,
        INTERRUPTS,
        PINNING;

        Optional<String> of(Errno errno) {
            return Optional.ofNullable(
                    switch (this) {
                        case NONE -> null;
                        case HEAP -> errno == Errno.ENOMEM ? "the heap has no room for that" : null;
                        case UDMABUF ->
                            errno == Errno.EINVAL ? "more than size_limit_mb or list_limit of the module takes" : null;
                        case INTERRUPTS ->
                            errno == Errno.EPERM
                                    ? "the IOMMU does not remap interrupts: see allow_unsafe_interrupts of"
                                            + " vfio_iommu_type1 or iommufd"
                                    : null;
                        case PINNING -> pinning(errno);
                    });
        }

        /** Addresses that are taken or reserved are a matter of the caller's, who has others. */
        DmaBufException failure(Errno errno, String call, String text) {
            boolean isOfAddresses = this == PINNING && (errno == Errno.EEXIST || errno == Errno.EINVAL);
            return isOfAddresses ? errno.failure(Reason.INVALID, call, text) : errno.failure(call, text);
        }

        private static @Nullable String pinning(Errno errno) {
            return switch (errno) {
                case ENOMEM -> "too much is pinned: raise 'ulimit -l', or give CAP_IPC_LOCK";
                case EFAULT -> "the kernel cannot pin this memory";
                case EEXIST -> "the addresses are taken";
                case EINVAL -> "not in the ranges that the IOMMU offers, or not aligned";
                default -> null;
            };
        }
    }

    /** The directions of asm-generic/ioctl.h; powerpc has others. */
    private enum Way {
        NONE(0, 1),
        WRITE(1, 4),
        READ_WRITE(3, 6);

        private final int generic;
        private final int power;

        Way(int generic, int power) {
            this.generic = generic;
            this.power = power;
        }

        long encoded() {
            boolean isPower = System.getProperty("os.arch", "").startsWith("ppc");
            return isPower ? (long) power << 29 : (long) generic << 30;
        }
    }

    Ioctl(int type, int number, String option) {
        this(type, number, option, Help.NONE);
    }

    Ioctl(int type, int number, String option, Help help) {
        this(Way.NONE, type, number, 0, option, help);
    }

    Ioctl(Way way, int type, int number, long byteSize, String option) {
        this(way, type, number, byteSize, option, Help.NONE);
    }

    Ioctl(Way way, int type, int number, long byteSize, String option, Help help) {
        this.number = way.encoded() | byteSize << 16 | (long) type << 8 | number;
        this.option = option;
        this.help = help;
    }

    /** Returns what ioctl(2) takes. */
    long number() {
        return number;
    }

    /** Returns whether EAGAIN asks to call again at once, as dma-buf.h says of it. */
    boolean restarts() {
        return this == DMA_BUF_IOCTL_SYNC;
    }

    /** Returns the error of a request on a file; a request that the kernel does not know names what it lacks. */
    DmaBufException failure(String file, int errno) {
        String call = "ioctl(" + file + ", " + this + ")";
        if (errno == Errno.ENOTTY.number()) {
            return Errno.ENOTTY.failure(call, "the kernel lacks " + option);
        }
        return Errno.of(errno)
                .flatMap(known -> help.of(known).map(text -> help.failure(known, call, text)))
                .orElseGet(() -> Errno.failure(call, errno));
    }
}
