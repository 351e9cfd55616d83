// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.List;

/** Makes one backing of several memories: descriptors of its own for the same files, and a dma-buf over
 * all of them where they are dma-bufs, too. */
final class Joining {
    private final SystemCalls calls;
    private final MemorySources sources;

    Joining(SystemCalls calls, MemorySources sources) {
        this.calls = calls;
        this.sources = sources;
    }

    /** Returns the whole; the parts stay as they are, and when something fails nothing else is left open. */
    Backing of(List<LinuxMemory> parts, String name) {
        check(parts);
        try (Opened opened = new Opened(calls)) {
            boolean isDmaBuf = parts.stream().allMatch(LinuxMemory::isDmaBuf);
            List<Backing.Piece> pieces = new ArrayList<>();
            for (LinuxMemory part : parts) {
                Backing backing = part.backing();
                for (Backing.Piece piece : backing.pieces()) {
                    int own = opened.add(part.duplicate(piece.descriptor()));
                    List<Integer> pins = isDmaBuf ? List.of() : pins(backing, piece);
                    pieces.add(new Backing.Piece(own, piece.byteSize(), pins.stream()
                            .map(pin -> opened.add(part.duplicate(pin)))
                            .toList()));
                }
            }
            Backing plain = Backing.of(files(parts), pieces);
            Backing whole = isDmaBuf ? sources.joined(plain, name) : plain;
            opened.keepAll();
            return whole;
        }
    }

    /** What kept a piece's pages where they are goes on doing so, or whoever knows their addresses would be wrong. */
    private static List<Integer> pins(Backing backing, Backing.Piece piece) {
        return backing.dmaBuf().isPresent() ? List.of(backing.dmaBuf().getAsInt()) : piece.pins();
    }

    private static void check(List<LinuxMemory> parts) {
        if (parts.isEmpty() || parts.stream().distinct().count() < parts.size()) {
            throw new IllegalArgumentException("to join takes one memory or more, each once, not " + parts);
        }
        parts.stream().filter(part -> !part.backing().isJoinable()).findFirst().ifPresent(part -> {
            throw new DmaBufException(Reason.ACCESS, "memory of " + part.source() + " cannot be joined: only memfds and huge pages can");
        });
    }

    /** What the files are, without the dma-buf over them. */
    private static String files(List<LinuxMemory> parts) {
        boolean huge = parts.stream().allMatch(part -> part.source().startsWith("hugepages"));
        return huge ? "hugepages" : "memfd";
    }
}
