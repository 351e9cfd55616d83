// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRanges;
import org.osgi.annotation.versioning.ProviderType;

/** The I/O virtual address space of a group. It lives until all who opened it have closed it and nothing is mapped. */
@ProviderType
public interface IommuSpace extends AutoCloseable {
    /** Returns {@code iommufd} or {@code vfio-type1}. */
    String source();

    /** Returns the I/O virtual addresses that can be mapped, as the kernel states them: without the reserved ones. */
    AddressRanges aperture();

    /** Returns the smallest unit of a mapping in bytes, a power of two. */
    long granule();

    /**
     * Maps a part of memory; the pages are pinned. Blocks for a system call that grows with the size.
     *
     * @param memory of this runtime's memory service, of a kind that has pages of its own: the kernel does not map those
     *     of a heap
     * @param byteOffset where the part begins, a multiple of the granule
     * @param byteSize its size, a multiple of the granule
     * @param ioVirtual the first I/O virtual address, a multiple of the granule
     * @throws dmabuf.api.DmaBufException ACCESS for memory of a heap; OUT_OF_MEMORY past the limit of locked memory;
     *     INVALID when a part of the addresses is taken or reserved; GONE after close. Nothing is mapped then
     */
    void map(Memory memory, long byteOffset, long byteSize, long ioVirtual);

    /** Undoes one mapping, whole. Harmless when its memory was closed before, which undid it. */
    void unmap(long ioVirtual, long byteSize);

    /**
     * Returns a device of the group, opened for a driver in user space; it belongs to the space.
     *
     * @param pciAddress for example {@code 0000:00:04.0}
     * @throws dmabuf.api.DmaBufException INVALID when the group has no such device, GONE after close
     */
    UserDevice device(String pciAddress);

    /** Closes this handle. Harmless when closed already. */
    @Override
    void close();
}
