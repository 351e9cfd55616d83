// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.OptionalLong;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Native memory with a size and perhaps a descriptor. Owned by the runtime: an allocator never closes it. Views live as
 * long as the arena they are opened in, also when the memory is closed before: no reader or writer ever runs into an
 * address without memory.
 */
@ProviderType
public interface Memory extends AutoCloseable {
    /** Returns the size in bytes, a multiple of the page size. */
    long byteSize();

    /** Returns where it comes from, for listings, for example {@code memfd} or {@code heap:system}. */
    String source();

    /**
     * Opens a view on a part, in an arena. Blocks for the time of one mmap at the first call.
     *
     * @param byteOffset where the view begins; checked without overflow
     * @param byteSize its size, at least 1
     * @param mode a read-only segment for {@link CpuMode#READ}
     * @param arena the life of the view
     * @throws IllegalArgumentException when the range is not inside
     * @throws dmabuf.api.DmaBufException GONE after close
     */
    MemorySegment view(long byteOffset, long byteSize, CpuMode mode, Arena arena);

    /**
     * Returns a duplicate of the descriptor, close-on-exec, that the caller closes by
     * {@link MemoryService#closeDescriptor(int)}.
     *
     * @throws dmabuf.api.DmaBufException ACCESS when it has no descriptor, GONE after close
     */
    int duplicateDescriptor();

    /** Returns whether the descriptor is a dma-buf that drivers import. */
    default boolean isDmaBuf() {
        return false;
    }

    /**
     * Begins an access of the CPU: of a dma-buf, DMA_BUF_IOCTL_SYNC with DMA_BUF_SYNC_START in the direction of the mode
     * (include/uapi/linux/dma-buf.h), again after EINTR and EAGAIN; nothing for other memory. Blocks while the exporter
     * makes the caches agree.
     *
     * @throws dmabuf.api.DmaBufException what the kernel answers; GONE after close
     */
    default void beginCpuAccess(CpuMode mode) {}

    /** Ends an access that was begun in the same mode: DMA_BUF_SYNC_END. Harmless after close. */
    default void endCpuAccess(CpuMode mode) {}

    /**
     * Waits until drivers of the kernel have done the work on a dma-buf that an access has to wait for: poll(2), with
     * POLLIN for a reader and POLLOUT for a writer (Documentation/driver-api/dma-buf.rst). Other memory has no such work.
     *
     * @param limit the longest time to wait, in whole milliseconds; zero only asks, and opens no descriptor
     * @return whether it is done; false when the limit has passed
     * @throws dmabuf.api.DmaBufException what the kernel answers; GONE after close
     */
    default boolean awaitDrivers(FenceUsage usage, Duration limit) {
        return true;
    }

    /**
     * Returns the descriptor, close-on-exec, of a new sync_file that is signalled when the work is done which drivers have
     * begun by now, and which an access has to wait for (DMA_BUF_IOCTL_EXPORT_SYNC_FILE). The caller closes it by
     * {@link MemoryService#closeDescriptor(int)}.
     *
     * @throws dmabuf.api.DmaBufException ACCESS when this is no dma-buf, or where the kernel cannot, with what it lacks;
     *     GONE after close
     */
    default int exportSyncFile(FenceUsage usage) {
        throw new DmaBufException(Reason.ACCESS, source() + " memory is no dma-buf: no driver works on it");
    }

    /**
     * Returns how many references to the dma-buf there are in the whole system, this memory's own included
     * ({@code count} in fdinfo); empty for other memory and where it cannot be read.
     */
    default OptionalLong holders() {
        return OptionalLong.empty();
    }

    /** Returns how many of the references of {@link #holders()} are this memory's own. */
    default long ownHolds() {
        return 1;
    }

    /**
     * Returns whether the bytes may become somebody else's: no view is open, no device is mapped to them by an IOMMU, and
     * if a descriptor was given out, {@link #holders()} proves that all of them are closed. False after close.
     */
    default boolean isVacant() {
        return false;
    }

    /**
     * Gives the memory back, at once. A view that is still open loses it: from now on it shows zeroes of its own, and
     * what is written there reaches nobody; only its addresses stay taken until its arena is closed, or the thread that
     * it was confined to is dead. Blocks for a few system calls. Harmless when closed already.
     */
    @Override
    void close();
}
