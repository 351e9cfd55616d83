// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import org.osgi.annotation.versioning.ConsumerType;

/** How an allocator takes storage from one source of the machine. */
@FunctionalInterface
@ConsumerType
public interface SourceTaker {
    /**
     * Takes storage that suits the devices of a request. What is taken and not returned is closed.
     *
     * @throws dmabuf.api.DmaBufException what the source answers; FRAGMENTED or INCOMPATIBLE, and best before anything is
     *     taken, where its memory would not suit the devices
     */
    Allocation take(MemorySource source, AllocationRequest request);

    /** Returns whether it takes from memfds too, for sets of devices that are all behind an IOMMU; by default not. */
    default boolean takesMemfds() {
        return false;
    }
}
