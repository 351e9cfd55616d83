// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One active map of an attachment in a direction. The table is valid, and the storage stays in place, until it is
 * closed. When the device leaves, the mapping ends by itself and its methods are GONE.
 */
@ProviderType
public interface Mapping extends AutoCloseable {
    /**
     * Returns the device's own scatter-gather table.
     *
     * @throws DmaBufException ACCESS where the kernel alone knows the addresses, as of a dma-heap: the driver of the
     *     device gets them by importing {@link #openFile()}
     */
    SgTable table();

    /** Returns whether the addresses are known. */
    boolean hasTable();

    /** Returns the id of the allocator whose storage this is. */
    String allocator();

    /** Returns the direction. */
    Direction direction();

    /**
     * Returns the file behind the storage, a dma-buf where the source gives one: a duplicate of its own, close-on-exec. It
     * belongs to the mapping, and is closed with it unless the caller closed it before. A driver that imported it, or a
     * process that was sent it, keeps what it has: such storage is not given to anybody else meanwhile.
     *
     * @throws DmaBufException ACCESS when the storage has no file descriptor
     */
    StorageFile openFile();

    /**
     * Returns a sync_file of the work that drivers of the kernel have begun on the storage by now, and that an access has to
     * wait for: a reader for writers, a writer for all. Waits first for fences in the way of which drivers know nothing, because
     * Linux puts those into no sync_file. It belongs to the mapping, as {@link #openFile()} does.
     *
     * @throws DmaBufException ACCESS when the storage is no dma-buf, or where the kernel has no such files; the error of a
     *     fence that was waited for
     */
    SyncFile openSyncFile(FenceUsage usage);

    /** Unmaps. */
    @Override
    void close();
}
