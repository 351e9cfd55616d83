// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bracketed CPU access; the kernel's begin_cpu_access and end_cpu_access. It may nest and run beside mappings.
 * Unless shared access was asked for it is confined to the thread that began it.
 *
 * <p>It ends by force when its bundle or the runtime stops. A shared segment is then closed: using it is an
 * IllegalStateException, after which the thread may find itself interrupted (the virtual machine does so now and then when a
 * shared arena is closed under a reader, seen with JDK 25). A confined one can be closed by its thread alone, so it stays readable and writable, never
 * faults, and is worth nothing: once the buffer has let go of its memory the segment shows zeroes of its own, and what
 * is written reaches nobody. Who must know that all it read was real asks for {@link #segment()} once more at the end.
 */
@ProviderType
public interface CpuAccess extends AutoCloseable {
    /**
     * Returns the bytes of the range: read-only when only reading; it dies when the access ends.
     *
     * @throws DmaBufException GONE when the access has ended, by {@link #close()} or by force
     */
    MemorySegment segment();

    /** Returns the mode. */
    CpuMode mode();

    /**
     * Ends the access. Harmless when it has ended; after an end by force its thread still calls it, to close the segment.
     *
     * @throws IllegalStateException when it is confined to another thread, or a transfer on its segment is under way; it
     *     stays open then
     */
    @Override
    void close();
}
