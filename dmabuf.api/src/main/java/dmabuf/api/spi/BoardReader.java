// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/** Reads boards from device trees; a service of dmabuf.board. */
@ProviderType
public interface BoardReader {
    /**
     * Reads a compiled device tree, or a directory in the form of /proc/device-tree. Blocks for the reading.
     *
     * @throws dmabuf.api.DmaBufException INVALID for a broken tree, with the offset; ACCESS when it cannot be read
     */
    Board read(Path tree);
}
