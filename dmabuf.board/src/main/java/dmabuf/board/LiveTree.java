// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads a live device tree: a directory is a node, a file in it a property. The same limits hold as for a flattened
 * one. Not for several threads.
 *
 * <p>Source of the form: Documentation/ABI/testing/sysfs-firmware-ofw in Linux.
 */
final class LiveTree {
    /** What the kernel shows to root only; nothing here needs it. */
    private static final String SECRET = "security-";

    private final TreeBuilder builder = new TreeBuilder();
    private final Deque<Iterator<Path>> open = new ArrayDeque<>();
    private int bytesLeft = FdtHeader.MAX_BYTES;

    private LiveTree() {}

    /**
     * Reads a tree, children and properties by name.
     *
     * @param directory the root node, for example /proc/device-tree; it may be a link, nothing below it may
     * @throws IOException when a file cannot be read
     * @throws dmabuf.api.DmaBufException INVALID when it makes no tree; the message names the file
     */
    static TreeImage read(Path directory) throws IOException {
        return new TreeImage(new LiveTree().tree(directory.toRealPath()), List.of());
    }

    private DeviceTree tree(Path root) throws IOException {
        begin(root);
        while (!open.isEmpty()) {
            Iterator<Path> children = open.peek();
            if (children.hasNext()) {
                begin(children.next());
            } else {
                open.pop();
                builder.end(new Place.File(root));
            }
        }
        return builder.build(new Place.File(root));
    }

    private void begin(Path directory) throws IOException {
        builder.begin(directory.getFileName() == null ? "" : directory.getFileName().toString(), place(directory));
        List<Path> entries;
        try (Stream<Path> listed = Files.list(directory)) {
            entries = listed.limit(TreeBuilder.MAX_NODES + 1L).sorted().toList();
        }
        for (Path entry : entries) {
            if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
                property(entry);
            }
        }
        open.push(entries.stream()
                .filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
                .iterator());
    }

    private void property(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (name.startsWith(SECRET)) {
            return;
        }
        byte[] value;
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            value = in.readNBytes(bytesLeft + 1);
        }
        bytesLeft -= value.length;
        if (bytesLeft < 0) {
            throw BrokenTree.in(place(file), "more than " + FdtHeader.MAX_BYTES + " bytes of properties");
        }
        builder.property(name, ByteBuffer.wrap(value), place(file));
    }

    private static Place place(Path path) {
        return new Place.File(path);
    }
}
