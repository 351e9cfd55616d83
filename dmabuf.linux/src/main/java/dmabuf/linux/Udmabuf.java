// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** /dev/udmabuf: dma-bufs over the pages of sealed memfds (linux/udmabuf.h). Any thread may call. */
final class Udmabuf {
    /** What the module takes at once wherever nobody lowered its limit. */
    private static final long PIN_SIZE = 4L << 20;

    private final SystemCalls calls;
    private final Path root;

    Udmabuf(SystemCalls calls, Path root) {
        this.calls = calls;
        this.root = root;
    }

    Path node() {
        return root.resolve("dev/udmabuf");
    }

    /** Refuses with OUT_OF_MEMORY what is larger than the module takes, where it says how much that is. */
    void checkSize(long byteSize) {
        Path limit = root.resolve("sys/module/udmabuf/parameters/size_limit_mb");
        try {
            long most = Long.parseLong(Files.readString(limit).strip()) << 20;
            if (Long.compareUnsigned(byteSize, most) > 0) {
                throw new DmaBufException(
                        Reason.OUT_OF_MEMORY,
                        node() + ": a dma-buf of " + Quantity.format(byteSize) + " is more than it takes, "
                                + Quantity.format(most) + " (raise " + limit + ")");
            }
        } catch (IOException | NumberFormatException e) {
            return; // The kernel says so itself.
        }
    }

    /** Returns a dma-buf of files, one behind the other; its pages stay where they are as long as it lives. */
    int create(List<Backing.Piece> pieces) {
        String file = node().toString();
        try (Opened opened = new Opened(calls);
                Arena arena = Arena.ofConfined()) {
            int node = opened.add(calls.open(file, true));
            Backing.Piece first = pieces.getFirst();
            return pieces.size() == 1
                    ? calls.ioctl(node, Ioctl.UDMABUF_CREATE, file, part(first, 0, first.byteSize(), arena))
                    : calls.ioctl(node, Ioctl.UDMABUF_CREATE_LIST, file, list(pieces, arena));
        }
    }

    /** Returns dma-bufs that together are over all of a file, of pages of a size; each is small enough for the module. */
    List<Integer> pins(Backing.Piece piece, long pageSize) {
        String file = node().toString();
        long most = Math.max(pageSize, PIN_SIZE);
        List<Integer> pins = new ArrayList<>();
        try (Opened opened = new Opened(calls);
                Arena arena = Arena.ofConfined()) {
            int node = opened.add(calls.open(file, true));
            for (long at = 0; at < piece.byteSize(); at += most) {
                long request = part(piece, at, Math.min(most, piece.byteSize() - at), arena);
                pins.add(opened.add(calls.ioctl(node, Ioctl.UDMABUF_CREATE, file, request)));
            }
            pins.forEach(opened::keep);
            return pins;
        }
    }

    private static long part(Backing.Piece piece, long byteOffset, long byteSize, Arena arena) {
        return KernelStructs.UDMABUF_CREATE.in(arena)
                .with("memfd", piece.descriptor())
                .with("flags", KernelStructs.UDMABUF_FLAGS_CLOEXEC)
                .with("offset", byteOffset)
                .with("size", byteSize)
                .address();
    }

    private static long list(List<Backing.Piece> pieces, Arena arena) {
        long head = KernelStructs.UDMABUF_LIST.byteSize();
        long item = KernelStructs.UDMABUF_ITEM.byteSize();
        MemorySegment memory = arena.allocate(head + item * pieces.size(), Long.BYTES);
        KernelStructs.UDMABUF_LIST.at(memory, 0)
                .with("flags", KernelStructs.UDMABUF_FLAGS_CLOEXEC)
                .with("count", pieces.size());
        for (int i = 0; i < pieces.size(); i++) {
            KernelStructs.UDMABUF_ITEM.at(memory, head + item * i)
                    .with("memfd", pieces.get(i).descriptor())
                    .with("size", pieces.get(i).byteSize());
        }
        return memory.address();
    }
}
