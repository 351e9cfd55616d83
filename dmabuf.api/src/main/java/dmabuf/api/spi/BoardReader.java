// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import java.nio.file.Path;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Reads boards from device trees; a service of dmabuf.board. */
@ProviderType
public interface BoardReader {
    /**
     * Reads a compiled device tree, or a directory in the form of /proc/device-tree. Blocks for the reading.
     *
     * @param ram where RAM lies instead of where the tree says: on many boards the boot loader fills /memory in
     * @throws dmabuf.api.DmaBufException INVALID for a broken tree, with the offset; ACCESS when it cannot be read
     */
    Board read(Path tree, Optional<AddressRange> ram);

    /**
     * Returns the board that this runtime serves: the one whose twin it is, or the running machine; empty for a reader
     * that serves none.
     */
    default Optional<Board> current() {
        return Optional.empty();
    }

    /** Reads a device tree as it stands. */
    default Board read(Path tree) {
        return read(tree, Optional.empty());
    }
}
