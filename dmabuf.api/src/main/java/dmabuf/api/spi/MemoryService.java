// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /**
     * Returns memory of a source: zeroed, below the cap, and below what the machine has available before a heap is asked,
     * because the system heap answers a size that is too large by killing the process. A dma-buf carries the first 31
     * bytes of the name. Blocks for a few system calls.
     *
     * @param byteSize the size, a multiple of {@link #unit}
     * @param name the name shown in /proc, at most 249 bytes
     * @throws dmabuf.api.DmaBufException OUT_OF_MEMORY when the cap, the machine or the heap has no room; ACCESS when the
     *     source is not there or denied, with the remedy
     */
    Memory allocate(MemorySource source, long byteSize, String name);

    /** Returns the unit of a source's sizes in bytes: the huge page for both kinds of huge pages, else the page. */
    long unit(MemorySource source);

    /** Returns whether a source can be used now, and why not. Opens and closes its node; allocates nothing. */
    SourceState probe(MemorySource source);

    /** Returns the names below /dev/dma_heap, sorted; empty where there is none. */
    List<String> heaps();

    /**
     * Returns where the bytes of memory lie in CPU physical space, from /proc/self/pagemap, joined, in the order of the
     * memory. Its pages are touched first. They stay where they are while the memory, or what it is joined to, is open and
     * is a dma-buf or huge: over huge pages that are no dma-buf the first call makes one by /dev/udmabuf, which nobody is
     * given. Those of a plain memfd the kernel may move at any time while it is not mapped for an IOMMU.
     *
     * @return empty where the process may not know (CAP_SYS_ADMIN), for the pages of a heap, and for huge pages that
     *     cannot be kept where they are
     */
    Optional<List<Segment>> physical(Memory memory);

    /**
     * Makes one memory of several, in this order. Its views are consecutive. When all parts are dma-bufs it is one, too,
     * through udmabuf; else it has no descriptor. The parts pass to it and are closed; their bytes count once.
     *
     * @param parts memfds or huge pages of this service, dma-bufs or not, at least one
     * @throws dmabuf.api.DmaBufException OUT_OF_MEMORY, also where udmabuf does not take so much, or ACCESS for memory of
     *     another source; the parts are as before
     */
    Memory join(List<Memory> parts, String name);

    /**
     * Opens a resource of a PCI device, its registers for example, for a driver in user space without an IOMMU
     * (/sys/bus/pci/devices/ADDRESS/resourceN, Documentation/PCI/sysfs-pci.rst). Its views are the device: what is read and
     * written there has effects. It counts nothing against the cap.
     *
     * @param pciAddress for example {@code 0000:00:04.0}
     * @param index the number of the resource, from 0
     * @throws dmabuf.api.DmaBufException INVALID when the device has no such resource, ACCESS when it is denied
     */
    Memory pciResource(String pciAddress, int index);

    /** Returns the bytes that all living memory together may have. */
    long capacity();

    /** Returns whether a memory comes from here and is not closed. Calls nothing of it. */
    boolean owns(Memory memory);

    /** Returns the bytes of all living memory. */
    long inUse();

    /**
     * Returns the bytes of memory that was closed while others hold its dma-buf, a driver or another process, by
     * {@link Memory#source()}; empty when there is none. Such memory counts as in use, is given to nobody, and goes when
     * the last of them lets go, which is looked at ten times a second.
     */
    Map<String, Long> lent();

    /**
     * Closes a descriptor that {@link Memory#duplicateDescriptor()} gave; harmless when closed already is not known.
     */
    void closeDescriptor(int descriptor);

    /**
     * Opens a duplicate of a sync_file, whose owner keeps it.
     *
     * @throws dmabuf.api.DmaBufException INVALID when the descriptor is no sync_file; GONE when it is not open
     */
    default KernelFence openSyncFile(int descriptor) {
        throw new DmaBufException(Reason.ACCESS, "descriptor " + descriptor + ": this machine has no sync_files");
    }

    /** Copies all bytes of one memory to another of at least the same size. */
    void copy(Memory from, Memory to);

    /** Makes all bytes zero. */
    void zero(Memory memory);
}
