// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import org.osgi.annotation.versioning.ConsumerType;

/** Told that storage wants to move; the kernel's move_notify in struct dma_buf_attach_ops. */
@ConsumerType
@FunctionalInterface
public interface MoveListener {
    /**
     * Asks the holder to close the mapping, now or soon from any thread; it maps again when it needs the buffer next.
     * Called outside all locks, with a deadline. A holder that does not let go in time makes the late attach BUSY.
     */
    void moveRequested(Mapping mapping);
}
