// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.AddressRanges;

/** The I/O virtual addresses of one group, in one of the kernel's two ways. Its user lets one thread in at a time. */
interface AddressSpace extends AutoCloseable {
    /** Returns the way's name. */
    String source();

    /** Returns the addresses that the kernel offers. */
    AddressRanges aperture();

    /** Returns the unit of a mapping in bytes. */
    long granule();

    /** Pins pages of this process and maps them for reading and writing. */
    void map(long cpuAddress, long byteSize, long ioVirtual);

    /** Undoes one mapping. */
    void unmap(long ioVirtual, long byteSize);

    /** Returns the descriptor of a device; it is closed with the space. */
    int device(String pciAddress);

    /** Closes all descriptors; the kernel undoes what is mapped. */
    @Override
    void close();
}
