// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bracketed CPU access; the kernel's begin_cpu_access and end_cpu_access. It may nest and run beside mappings.
 * Unless shared access was asked for it is confined to the thread that began it.
 */
@ProviderType
public interface CpuAccess extends AutoCloseable {
    /** Returns the bytes of the range: read-only when only reading; it dies when the access ends. */
    MemorySegment segment();

    /** Returns the mode. */
    CpuMode mode();

    /** Ends the access. */
    @Override
    void close();
}
