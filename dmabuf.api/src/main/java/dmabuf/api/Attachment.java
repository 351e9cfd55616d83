// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import org.osgi.annotation.versioning.ProviderType;

/** One device's membership in one buffer. It keeps the buffer alive. Once the device left, its methods are GONE. */
@ProviderType
public interface Attachment extends AutoCloseable {
    /** Returns the full name of the device. */
    String device();

    /**
     * Maps the buffer for the device. The first map of a buffer chooses the allocator, allocates and verifies; later
     * ones return the same storage. Maps are counted: each result is closed by itself.
     *
     * @throws DmaBufException NOT_READY when expected devices are missing after the patience; NO_ALLOCATOR,
     *     OUT_OF_MEMORY, FRAGMENTED or TIMED_OUT when all allocators failed; BUSY for a try that would block; the error of
     *     a fence that was waited for; see {@link DmaBuf#addFence}
     */
    Mapping map(MapRequest request);

    /** Maps in a direction, waiting as long as the buffer's patience. */
    default Mapping map(Direction direction) {
        return map(MapRequest.of(direction));
    }

    /**
     * Detaches; the combination widens. Harmless when detached already.
     *
     * @throws DmaBufException BUSY while the attachment is mapped
     */
    @Override
    void close();
}
