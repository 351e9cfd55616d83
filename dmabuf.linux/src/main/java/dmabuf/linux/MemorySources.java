// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.SourceState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Takes memory from each source of the machine, and says which of them can be used. Nodes are looked up below a root,
 * which is {@code /} but for tests. Any thread may call; nothing is kept but the open nodes of heaps, until the end.
 */
final class MemorySources {
    private static final String HEAPS = "dev/dma_heap";

    /** Seen with vivid on Linux 6.12: the queue accepts the buffer, and one page in many holds the frame. */
    private static final String VMAP =
            "; unsafe for drivers that write by the CPU (vmap, as vivid does): Linux 6.12 loses data";

    private final SystemCalls calls;
    private final Path root;
    private final HugePages hugePages;
    private final Udmabuf udmabuf;
    private final DmaBufCalls dmaBufs;
    private final HeapNodes heapNodes;

    MemorySources(SystemCalls calls, Path root) {
        this.calls = calls;
        this.root = root;
        this.hugePages = new HugePages(root);
        this.udmabuf = new Udmabuf(calls, root);
        this.dmaBufs = new DmaBufCalls(calls);
        this.heapNodes = new HeapNodes(calls);
    }

    /** Closes what is kept; no heap gives memory afterwards. */
    void close() {
        heapNodes.close();
    }

    /** Returns the names of all heaps, sorted. */
    List<String> heaps() {
        try (Stream<Path> nodes = Files.list(root.resolve(HEAPS))) {
            return nodes.map(node -> node.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Returns the size in bytes that all memory of a source is a multiple of. */
    long unit(MemorySource source) {
        return switch (source.kind()) {
            case HUGE_PAGES, HUGE_UDMABUF -> hugePages.byteSize();
            case MEMFD, UDMABUF, HEAP -> calls.pageSize();
        };
    }

    /** Opens what a source needs, and asks nothing of it. */
    SourceState probe(MemorySource source) {
        try {
            return new SourceState(source.toString(), true, switch (source.kind()) {
                case MEMFD -> "memfd_create: usable";
                case HUGE_PAGES -> hugePages.state();
                case HUGE_UDMABUF -> hugePages.state() + "; " + opened(udmabuf.node(), true) + VMAP;
                case UDMABUF -> opened(udmabuf.node(), true);
                case HEAP -> opened(heap(source), false);
            });
        } catch (DmaBufException e) {
            return new SourceState(source.toString(), false, String.valueOf(e.getMessage()));
        }
    }

    private String opened(Path node, boolean writes) {
        calls.close(calls.open(node.toString(), writes));
        return node + ": usable";
    }

    /** Takes zeroed memory; when a call fails nothing is left open. */
    Backing take(MemorySource source, long byteSize, String name) {
        return switch (source.kind()) {
            case MEMFD -> Backing.ofMemfd(memfd(calls.memfdCreate(name), byteSize), byteSize);
            case HEAP -> fromHeap(source, byteSize, name);
            case UDMABUF -> {
                udmabuf.checkSize(byteSize);
                yield wrapped(Backing.ofMemfd(memfd(calls.memfdCreate(name), byteSize), byteSize), name);
            }
            case HUGE_PAGES -> fromHugePages(byteSize, name);
            case HUGE_UDMABUF -> {
                udmabuf.checkSize(byteSize);
                yield wrapped(fromHugePages(byteSize, name), name);
            }
        };
    }

    /** Gives a new file its size, for good; closes it when that fails. */
    private int memfd(int file, long byteSize) {
        try (Opened opened = new Opened(calls)) {
            opened.add(file);
            calls.ftruncate(file, byteSize);
            calls.sealSize(file);
            opened.keepAll();
            return file;
        }
    }

    private Path heap(MemorySource source) {
        return root.resolve(HEAPS).resolve(source.heap());
    }

    private Backing fromHeap(MemorySource source, long byteSize, String name) {
        String node = heap(source).toString();
        try (Opened opened = new Opened(calls)) {
            int dmaBuf = opened.add(heapNodes.allocate(node, byteSize));
            dmaBufs.name(dmaBuf, node, name);
            opened.keepAll();
            return Backing.ofDmaBuf(source.toString(), dmaBuf, byteSize);
        }
    }

    private Backing fromHugePages(long byteSize, String name) {
        try (Opened opened = new Opened(calls)) {
            int file = opened.add(memfd(calls.memfdCreateHuge(name, hugePages.byteSize()), byteSize));
            reserve(file, byteSize);
            opened.keepAll();
            return Backing.of("hugepages", List.of(new Backing.Piece(file, byteSize)));
        } catch (DmaBufException e) {
            throw hugePages.explained(e, byteSize);
        }
    }

    /** A shared mapping takes its pages from the pool, for the life of the file: no later touch finds the pool empty. */
    private void reserve(int file, long byteSize) {
        calls.munmap(calls.mmap(file, byteSize), byteSize);
    }

    /** Returns the same huge pages, kept where they are by dma-bufs; when that fails nothing more is open. */
    Backing pinned(Backing plain) {
        try (Opened opened = new Opened(calls)) {
            List<Backing.Piece> pieces = new ArrayList<>();
            for (Backing.Piece piece : plain.pieces()) {
                boolean isNew = piece.pins().isEmpty();
                pieces.add(isNew ? piece.withPins(udmabuf.pins(piece, hugePages.byteSize())) : piece);
                if (isNew) {
                    pieces.getLast().pins().forEach(opened::add);
                }
            }
            opened.keepAll();
            return plain.withPieces(pieces);
        }
    }

    /** Returns the same files with a dma-buf over all of them; closes them when that fails. */
    private Backing wrapped(Backing plain, String name) {
        try {
            return joined(plain, name);
        } catch (RuntimeException | Error e) {
            plain.close(calls);
            throw e;
        }
    }

    /** Returns the same files with a dma-buf over all of them; when that fails they stay open. */
    Backing joined(Backing plain, String name) {
        udmabuf.checkSize(plain.byteSize());
        try (Opened opened = new Opened(calls)) {
            int dmaBuf = opened.add(udmabuf.create(plain.pieces()));
            dmaBufs.name(dmaBuf, "udmabuf", name);
            opened.keepAll();
            return plain.withDmaBuf(plain.source().equals("memfd") ? "udmabuf" : plain.source() + "+udmabuf", dmaBuf);
        }
    }
}
