// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** A duplicated, close-on-exec descriptor of a storage's file (memfd or dma-buf). */
@ProviderType
public interface StorageFile extends AutoCloseable {
    /** Returns the number of the descriptor in this process. */
    int descriptor();

    /** Returns the path under which this process opens the same file again, {@code /proc/self/fd/N}. */
    Path path();

    /** Returns where in the file each piece of CPU physical memory lies, in the order of the storage; empty where the kernel alone knows. */
    List<Extent> extents();

    /**
     * Closes the descriptor. The storage may move from then on, also when this throws.
     *
     * @throws DmaBufException {@link Reason#GONE} when somebody closed the descriptor already, by its number
     */
    @Override
    void close();

    /**
     * A piece of the file.
     *
     * @param physical the CPU physical addresses
     * @param fileOffset where it begins in the file, in bytes
     */
    record Extent(Segment physical, long fileOffset) {}
}
