// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.CpuMode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Native memory with a size and perhaps a descriptor. Owned by the runtime: an allocator never closes it. Views live as
 * long as the arena they are opened in, also when the memory is closed before: no reader or writer ever runs into an
 * address without memory.
 */
@ProviderType
public interface Memory extends AutoCloseable {
    /** Returns the size in bytes, a multiple of the page size. */
    long byteSize();

    /** Returns where it comes from, for listings, for example {@code memfd}. */
    String source();

    /**
     * Opens a view on a part, in an arena. Blocks for the time of one mmap at the first call.
     *
     * @param byteOffset where the view begins; checked without overflow
     * @param byteSize its size, at least 1
     * @param mode a read-only segment for {@link CpuMode#READ}
     * @param arena the life of the view
     * @throws IllegalArgumentException when the range is not inside
     * @throws dmabuf.api.DmaBufException GONE after close
     */
    MemorySegment view(long byteOffset, long byteSize, CpuMode mode, Arena arena);

    /**
     * Returns a duplicate of the descriptor, close-on-exec, that the caller closes by
     * {@link MemoryService#closeDescriptor(int)}.
     *
     * @throws dmabuf.api.DmaBufException ACCESS when it has no descriptor, GONE after close
     */
    int duplicateDescriptor();

    /**
     * Gives the memory back, at once. A view that is still open loses it: from now on it shows zeroes of its own, and
     * what is written there reaches nobody; only its addresses stay taken until its arena is closed, or the thread that
     * it was confined to is dead. Blocks for a few system calls. Harmless when closed already.
     */
    @Override
    void close();
}
