// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.Explanation;
import dmabuf.api.FenceUsage;
import java.time.Duration;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** A sync_file of the kernel, seen by who waits for it. For one thread at a time. */
@ProviderType
public interface KernelFence extends AutoCloseable {
    /**
     * Waits until it is signalled, with or without an error.
     *
     * @param limit the longest time to wait, in whole milliseconds; zero only asks
     * @return whether it is signalled
     */
    boolean await(Duration limit);

    /** Returns the error that it was signalled with, or empty. */
    Optional<Explanation> error();

    /**
     * Makes the drivers that use a dma-buf wait for it (DMA_BUF_IOCTL_IMPORT_SYNC_FILE); nothing for other memory.
     *
     * @throws dmabuf.api.DmaBufException ACCESS where the kernel cannot, with what it lacks; GONE when the memory is closed
     */
    void importInto(Memory memory, FenceUsage usage);

    /** Closes the descriptor. */
    @Override
    void close();
}
