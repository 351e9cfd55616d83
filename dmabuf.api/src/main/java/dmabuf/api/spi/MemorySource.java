// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.Objects;

/**
 * A kind of memory that Linux offers, written {@code memfd}, {@code udmabuf}, {@code hugepages},
 * {@code hugepages+udmabuf} or {@code heap:NAME}.
 *
 * @param kind the kind
 * @param heap the name of the heap below /dev/dma_heap for {@link Kind#HEAP}, else empty text
 */
public record MemorySource(Kind kind, String heap) {
    /** Pages of a memfd (memfd_create(2)); no dma-buf. */
    public static final MemorySource MEMFD = new MemorySource(Kind.MEMFD, "");

    /** Pages of a memfd as a dma-buf (include/uapi/linux/udmabuf.h). */
    public static final MemorySource UDMABUF = new MemorySource(Kind.UDMABUF, "");

    /** Huge pages (MFD_HUGETLB of memfd_create(2)); no dma-buf. */
    public static final MemorySource HUGE_PAGES = new MemorySource(Kind.HUGE_PAGES, "");

    /**
     * Huge pages as a dma-buf, through udmabuf. Only for drivers that are known to take it: on Linux 6.12 one that writes
     * such a dma-buf by the CPU (vmap, as the virtual camera vivid does) loses data, and nobody gets an error.
     */
    public static final MemorySource HUGE_UDMABUF = new MemorySource(Kind.HUGE_UDMABUF, "");

    private static final String HEAP_PREFIX = "heap:";

    /** What a source is. */
    public enum Kind {
        /** Anonymous pages. */
        MEMFD,
        /** Anonymous pages as a dma-buf. */
        UDMABUF,
        /** Huge pages. */
        HUGE_PAGES,
        /** Huge pages as a dma-buf. */
        HUGE_UDMABUF,
        /** A dma-buf of a heap (include/uapi/linux/dma-heap.h). */
        HEAP
    }

    /** Refuses a heap without a name, with a slash in it, and a name of no heap, with IllegalArgumentException. */
    public MemorySource {
        Objects.requireNonNull(kind, "kind");
        if (kind == Kind.HEAP ? !isName(heap) : !heap.isEmpty()) {
            throw new IllegalArgumentException("'" + heap + "' cannot be the name of a heap of " + kind);
        }
    }

    private static boolean isName(String heap) {
        return !heap.isBlank() && heap.indexOf('/') < 0 && heap.indexOf('\0') < 0;
    }

    /** Returns the heap of a name below /dev/dma_heap. */
    public static MemorySource heap(String name) {
        return new MemorySource(Kind.HEAP, name);
    }

    /** Returns whether memory comes from a heap, as its source says. */
    public static boolean isHeap(Memory memory) {
        return memory.source().startsWith(HEAP_PREFIX);
    }

    /**
     * Reads what {@link #toString()} wrote.
     *
     * @throws DmaBufException INVALID for anything else
     */
    public static MemorySource parse(String text) {
        return switch (text) {
            case "memfd" -> MEMFD;
            case "udmabuf" -> UDMABUF;
            case "hugepages" -> HUGE_PAGES;
            case "hugepages+udmabuf" -> HUGE_UDMABUF;
            default -> {
                String heap = text.startsWith(HEAP_PREFIX) ? text.substring(HEAP_PREFIX.length()) : "";
                if (!isName(heap)) {
                    throw new DmaBufException(
                            Reason.INVALID,
                            "'" + text + "' is no source: write memfd, udmabuf, hugepages, hugepages+udmabuf or heap:NAME");
                }
                yield heap(heap);
            }
        };
    }

    /** Returns the source as it is written. */
    @Override
    public String toString() {
        return switch (kind) {
            case MEMFD -> "memfd";
            case UDMABUF -> "udmabuf";
            case HUGE_PAGES -> "hugepages";
            case HUGE_UDMABUF -> "hugepages+udmabuf";
            case HEAP -> HEAP_PREFIX + heap;
        };
    }
}
