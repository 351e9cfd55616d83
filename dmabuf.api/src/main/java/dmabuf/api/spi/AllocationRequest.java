// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaConstraints;
import java.util.List;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What an allocator is asked for. Valid until {@link Allocator#allocate} returns or its deadline passes; afterwards
 * its methods that obtain something are GONE. What it gave is taken back when the request fails.
 */
@ProviderType
public interface AllocationRequest {
    /** Returns the size of the buffer in bytes, as asked for. */
    long byteSize();

    /** Returns the bytes to allocate: the size rounded up to pages. */
    long storageSize();

    /** Returns the page size in bytes. */
    long pageSize();

    /** Returns the alignment of the first CPU address in bytes, a power of two. */
    long alignment();

    /** Returns the flags of the buffer. */
    Set<String> flags();

    /** Returns the name of the buffer. */
    String name();

    /** Returns the attached devices, by name, each with the way that was chosen; may be empty. */
    List<Participant> devices();

    /**
     * Returns the combination of all devices' constraints on the physical pages: range, granule and alignment hold for
     * every segment; the other segment limits are a summary, each device's own count.
     */
    DmaConstraints constraints();

    /** Returns the segment limits that each directly attached device puts on the physical pages. */
    List<SegmentLimits> limits();

    /**
     * Returns zeroed anonymous memory (memfd) of a size, to stand behind segments. Closed by the runtime when the
     * storage is released or the request fails.
     *
     * @throws dmabuf.api.DmaBufException OUT_OF_MEMORY when the configured cap is reached
     */
    Memory memory(long byteSize);

    /**
     * Returns zeroed memory of a source. Closed by the runtime when the storage is released or the request fails.
     *
     * @throws dmabuf.api.DmaBufException as {@link MemoryService#allocate}, and OUT_OF_MEMORY when the configured cap is
     *     reached
     */
    Memory memory(MemorySource source, long byteSize);

    /**
     * Claims CPU physical addresses for this request, so that no other storage of this runtime can have them until it
     * is released. An allocator whose addresses are its own alone need not claim; one that shares RAM with others does, and so
     * does one that may be stopped and started: storage of its earlier life can still be in use, or orphaned.
     *
     * @return false when a part of them is claimed already; then nothing is claimed
     */
    boolean claim(AddressRange addresses);
}
