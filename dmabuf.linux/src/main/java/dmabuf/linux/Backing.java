// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.List;
import java.util.OptionalInt;

/**
 * The open files behind one memory.
 *
 * @param source where it comes from, for listings
 * @param pieces what the CPU maps, one behind the other
 * @param dmaBuf the dma-buf, which may be the one piece itself, where there is one
 * @param frees whether a hole in the file gives its pages back, and nothing else
 */
record Backing(String source, List<Piece> pieces, OptionalInt dmaBuf, boolean frees) {
    /**
     * An open file, and its size in bytes.
     *
     * @param pins dma-bufs over it that nobody is given, which keep its pages where they are; none is no such promise
     */
    record Piece(int descriptor, long byteSize, List<Integer> pins) {
        Piece(int descriptor, long byteSize) {
            this(descriptor, byteSize, List.of());
        }

        Piece {
            pins = List.copyOf(pins);
        }

        Piece withPins(List<Integer> dmaBufs) {
            return new Piece(descriptor, byteSize, dmaBufs);
        }
    }

    Backing {
        pieces = List.copyOf(pieces);
    }

    /** Returns the backing of a plain memfd. */
    static Backing ofMemfd(int file, long byteSize) {
        return new Backing("memfd", List.of(new Piece(file, byteSize)), OptionalInt.empty(), true);
    }

    /** Returns the backing of files that are no dma-buf, and whose pages stay theirs. */
    static Backing of(String source, List<Piece> pieces) {
        return new Backing(source, pieces, OptionalInt.empty(), false);
    }

    /** Returns the backing of a dma-buf with pages of its exporter. */
    static Backing ofDmaBuf(String source, int dmaBuf, long byteSize) {
        return of(source, List.of(new Piece(dmaBuf, byteSize))).withDmaBuf(source, dmaBuf);
    }

    /** Returns the same files with a dma-buf over them, which holds their pages where they are. */
    Backing withDmaBuf(String named, int descriptor) {
        return new Backing(named, pieces, OptionalInt.of(descriptor), false);
    }

    /** Returns the same with other pins of its pieces. */
    Backing withPieces(List<Piece> pinned) {
        return new Backing(source, pinned, dmaBuf, frees);
    }

    boolean isHuge() {
        return source.startsWith("hugepages");
    }

    /** Returns whether a dma-buf keeps each page where it is: neither mlock(2) nor hugetlbfs does. */
    boolean isPinned() {
        return dmaBuf.isPresent() || pieces.stream().noneMatch(piece -> piece.pins().isEmpty());
    }

    long byteSize() {
        return pieces.stream().mapToLong(Piece::byteSize).sum();
    }

    /** Returns whether the pages belong to the exporter of the dma-buf, which tells nobody where they are. */
    boolean isExporters() {
        return dmaBuf.isPresent() && pieces.getFirst().descriptor() == dmaBuf.getAsInt();
    }

    /** Returns whether all files are memfds, of which other memory can be made. */
    boolean isJoinable() {
        return !isExporters() && !source.startsWith(PciResource.PREFIX);
    }

    /** Returns what is given to others: the dma-buf, else the one file. */
    int offered() {
        if (dmaBuf.isEmpty() && pieces.size() > 1) {
            throw new DmaBufException(
                    Reason.ACCESS,
                    "memory of " + pieces.size() + " files has no descriptor: only dma-bufs are joined to one");
        }
        return dmaBuf.orElse(pieces.getFirst().descriptor());
    }

    /** Maps all pieces in their order; returns the first address. */
    long map(SystemCalls calls) {
        if (pieces.size() == 1) {
            return calls.mmap(pieces.getFirst().descriptor(), byteSize());
        }
        long start = reserve(calls, byteSize());
        try {
            long at = start;
            for (Piece piece : pieces) {
                calls.mmapOver(at, piece.descriptor(), piece.byteSize());
                at += piece.byteSize();
            }
            return start;
        } catch (RuntimeException | Error e) {
            calls.munmap(start, byteSize());
            throw e;
        }
    }

    /** Takes addresses where every piece begins at a multiple of its pages' size, which divides all sizes. */
    private long reserve(SystemCalls calls, long byteSize) {
        long alignment = pieces.stream()
                .mapToLong(piece -> Long.lowestOneBit(piece.byteSize()))
                .min()
                .orElseThrow();
        long taken = calls.reserve(byteSize + alignment);
        long start = (taken + alignment - 1) & -alignment;
        try {
            if (start > taken) {
                calls.munmap(taken, start - taken);
            }
            calls.munmap(start + byteSize, taken + alignment - start);
            return start;
        } catch (RuntimeException | Error e) {
            calls.munmap(taken, byteSize + alignment);
            throw e;
        }
    }

    /** Closes every file, also when one of them fails. */
    void close(SystemCalls calls) {
        try (Opened all = new Opened(calls)) {
            if (!isExporters()) {
                pieces.forEach(piece -> {
                    all.add(piece.descriptor());
                    piece.pins().forEach(all::add);
                });
            }
            dmaBuf.ifPresent(all::add);
        }
    }
}
