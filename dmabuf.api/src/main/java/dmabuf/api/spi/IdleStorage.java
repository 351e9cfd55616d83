// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import java.util.List;

/**
 * Storage that may move during a compaction.
 *
 * @param allocation the storage as the allocator returned it
 * @param alignment the alignment of its first CPU address in bytes
 * @param devices the devices whose limits its place must honour
 */
public record IdleStorage(Allocation allocation, long alignment, List<Participant> devices) {
    /** Copies the list. */
    public IdleStorage {
        devices = List.copyOf(devices);
    }
}
