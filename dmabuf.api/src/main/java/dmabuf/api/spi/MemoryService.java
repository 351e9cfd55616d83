// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import org.osgi.annotation.versioning.ProviderType;

/** The one door to native memory; implemented by the bundle dmabuf.linux. What it gives is owned by who asked. */
@ProviderType
public interface MemoryService {
    /** Returns the page size of the machine in bytes (sysconf(_SC_PAGESIZE)). */
    long pageSize();

    /**
     * Returns zeroed anonymous memory behind a memfd (memfd_create(2), close-on-exec, sealed against resizing). Pages
     * are used when they are first touched.
     *
     * @param byteSize the size, a multiple of the page size
     * @param name the name shown in /proc, at most 249 bytes
     * @throws dmabuf.api.DmaBufException OUT_OF_MEMORY when the cap or the machine has no room; ACCESS when the kernel
     *     denies it; the message names the call and its errno
     */
    Memory memfd(long byteSize, String name);

    /** Returns the bytes that all living memory together may have. */
    long capacity();

    /** Returns whether a memory comes from here and is not closed. Calls nothing of it. */
    boolean owns(Memory memory);

    /** Returns the bytes of all living memory. */
    long inUse();

    /**
     * Closes a descriptor that {@link Memory#duplicateDescriptor()} gave; harmless when closed already is not known.
     */
    void closeDescriptor(int descriptor);

    /** Copies all bytes of one memory to another of at least the same size. */
    void copy(Memory from, Memory to);

    /** Makes all bytes zero. */
    void zero(Memory memory);
}
