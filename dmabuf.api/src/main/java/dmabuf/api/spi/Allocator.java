// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Gives storage to buffers. Register it as a service with the properties of {@link AllocatorProperties}; of these only
 * the id is required. All methods may be called from several threads at once; each call has a deadline, after which its
 * answer is thrown away and what it obtained through its request is taken back.
 */
@ConsumerType
public interface Allocator {
    /**
     * Returns whether this allocator can serve a device. The answer depends on nothing but the participant: it is the
     * same for the life of the registration, and may be remembered. Cheap; does not block.
     */
    boolean match(Participant device);

    /**
     * Allocates storage for a request. The storage is verified for every device: count, sizes, boundary, range,
     * alignment and granule of segments, length, and no overlap with live storage; a lie is a failure.
     *
     * @return exactly {@link AllocationRequest#storageSize()} bytes; memory that passes to another owner is zero
     * @throws dmabuf.api.DmaBufException OUT_OF_MEMORY, or FRAGMENTED when enough is free, only not in usable pieces;
     *     any other reason is passed on in the decision record
     */
    Allocation allocate(AllocationRequest request);

    /**
     * Takes storage back; called exactly once for each allocation that was returned, also for one that came too late
     * or was refused as a lie, and never after the service left. The memory itself is closed by the runtime. Does not
     * throw.
     */
    void release(Allocation allocation);

    /** Returns the figures. Cheap; does not block. */
    AllocatorStatistics statistics();

    /**
     * Moves idle storage together, so that a request that failed by fragmentation may succeed. Called after
     * {@link #allocate} was FRAGMENTED; by default moves nothing. An allocator whose storage never moves leaves it so.
     */
    default void compact(CompactionRequest request) {}

    /**
     * Describes itself for listings: names and values, in the order to print (the proposal's debug_show). One that
     * throws or hangs spoils only its own lines.
     */
    default Map<String, String> describe() {
        return Map.of();
    }
}
