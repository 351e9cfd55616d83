// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.nio.file.Path;

/** Where something of a device tree stands, for messages: its {@code toString} is what a reader of one needs. */
sealed interface Place {
    /**
     * A place in a flattened tree.
     *
     * @param bytes from the start of the blob
     */
    record Offset(long bytes) implements Place {
        @Override
        public String toString() {
            return "offset 0x" + Long.toHexString(bytes);
        }
    }

    /**
     * A place in a live tree.
     *
     * @param path the file or directory
     */
    record File(Path path) implements Place {
        @Override
        public String toString() {
            return "file " + path;
        }
    }
}
