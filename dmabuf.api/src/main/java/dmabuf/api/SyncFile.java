// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A sync_file of the kernel, close-on-exec (Documentation/driver-api/sync_file.rst): a descriptor that poll(2) finds
 * readable once drivers are done. It can be given to a driver that takes fences, or to another process.
 */
@ProviderType
public interface SyncFile extends AutoCloseable {
    /**
     * Returns the number of the descriptor in this process.
     *
     * @throws DmaBufException GONE when it is closed
     */
    int descriptor();

    /**
     * Closes the descriptor; the fence in it goes on.
     *
     * @throws DmaBufException {@link Reason#GONE} when somebody closed the descriptor already, by its number
     */
    @Override
    void close();
}
