// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One active map of an attachment in a direction. The table is valid, and the storage stays in place, until it is
 * closed. When the device leaves, the mapping ends by itself and its methods are GONE.
 */
@ProviderType
public interface Mapping extends AutoCloseable {
    /** Returns the device's own scatter-gather table. */
    SgTable table();

    /** Returns the id of the allocator whose storage this is. */
    String allocator();

    /** Returns the direction. */
    Direction direction();

    /**
     * Returns the file behind the storage, as a duplicate of its own that the caller closes.
     *
     * @throws DmaBufException ACCESS when the storage has no file descriptor
     */
    StorageFile openFile();

    /** Unmaps. */
    @Override
    void close();
}
