// SPDX-License-Identifier: Apache-2.0
package doubles;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.SourceState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A machine as a script has it: which sources are there, what they answer, and where their pages lie. It counts what is
 * open; memory has a size and no bytes. One thread.
 */
public final class MachineDouble implements MemoryService {
    /** The size of a huge page. */
    public static final long HUGE = 2 << 20;

    private static final long PAGE = 4096;

    /** What is open, in the order in which it was taken. */
    public final List<Piece> open = new ArrayList<>();

    /** What was asked for, each as {@code source size}. */
    public final List<String> asked = new ArrayList<>();

    private final Map<String, DmaBufException> failing = new TreeMap<>();
    private final Map<String, Deque<Segment>> places = new LinkedHashMap<>();
    private final List<MemorySource> present = new ArrayList<>();
    private final Map<String, Long> lent = new TreeMap<>();
    private final Deque<String> failingCloses = new ArrayDeque<>();
    private boolean privileged;

    /** Makes a machine with nothing but memfds. */
    public MachineDouble() {}

    /** Gives it a source. */
    public MachineDouble with(String source) {
        present.add(MemorySource.parse(source));
        return this;
    }

    /** Takes a source away. */
    public MachineDouble without(String source) {
        present.remove(MemorySource.parse(source));
        return this;
    }

    /** Lets a source refuse whatever is asked, until it is told otherwise by null text. */
    public MachineDouble failing(String source, Reason reason, String text) {
        failing.put(source, new DmaBufException(reason, text));
        return this;
    }

    /** Lets a source answer again. */
    public MachineDouble working(String source) {
        failing.remove(source);
        return this;
    }

    /** Tells where the pages of a source lie, which are handed out in this order; only to who may know. */
    public MachineDouble pages(String source, Segment... segments) {
        privileged = true;
        places.computeIfAbsent(source, _ -> new ArrayDeque<>()).addAll(List.of(segments));
        return this;
    }

    /** Lets the next close of memory fail, once it has given its pages back. */
    public MachineDouble failingClose(String text) {
        failingCloses.add(text);
        return this;
    }

    /** Says what others hold. */
    public MachineDouble lending(String source, long byteSize) {
        lent.put(source, byteSize);
        return this;
    }

    /** Memory of this machine. */
    public final class Piece implements Memory {
        private final String source;
        private final long byteSize;
        private final List<Segment> segments;

        private Piece(String source, long byteSize, List<Segment> segments) {
            this.source = source;
            this.byteSize = byteSize;
            this.segments = segments;
        }

        @Override
        public long byteSize() {
            return byteSize;
        }

        @Override
        public String source() {
            return source;
        }

        @Override
        public MemorySegment view(long byteOffset, long viewSize, CpuMode mode, Arena arena) {
            throw new UnsupportedOperationException("no bytes");
        }

        @Override
        public int duplicateDescriptor() {
            throw new UnsupportedOperationException("no descriptor");
        }

        /** Its pages go back to the end of the row, as the kernel's do. */
        @Override
        public void close() {
            if (open.remove(this) && places.containsKey(source)) {
                places.get(source).addAll(segments);
            }
            if (!failingCloses.isEmpty()) {
                throw new IllegalStateException(failingCloses.remove());
            }
        }

        @Override
        public String toString() {
            return source + " " + byteSize;
        }
    }

    @Override
    public long pageSize() {
        return PAGE;
    }

    @Override
    public Memory memfd(long byteSize, String name) {
        return allocate(MemorySource.MEMFD, byteSize, name);
    }

    @Override
    public Memory allocate(MemorySource source, long byteSize, String name) {
        String text = source.toString();
        asked.add(text + " " + byteSize);
        if (byteSize % unit(source) != 0) {
            throw new IllegalArgumentException(byteSize + " is no multiple of the unit of " + text);
        }
        if (failing.containsKey(text)) {
            throw failing.get(text);
        }
        if (!probe(source).isUsable()) {
            throw new DmaBufException(Reason.ACCESS, probe(source).text());
        }
        Piece piece = new Piece(text, byteSize, taken(text, byteSize));
        open.add(piece);
        return piece;
    }

    private List<Segment> taken(String source, long byteSize) {
        List<Segment> taken = new ArrayList<>();
        Deque<Segment> row = places.get(source);
        long missing = row == null ? 0 : byteSize;
        if (row != null && row.stream().mapToLong(Segment::byteSize).sum() < byteSize) {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, source + " has too few pages");
        }
        while (missing > 0) {
            Segment next = row.removeFirst();
            taken.add(next);
            missing -= next.byteSize();
        }
        return taken;
    }

    @Override
    public long unit(MemorySource source) {
        return source.toString().startsWith("hugepages") ? HUGE : PAGE;
    }

    @Override
    public SourceState probe(MemorySource source) {
        boolean usable = source.equals(MemorySource.MEMFD) || present.contains(source);
        return new SourceState(source.toString(), usable, usable ? "usable" : source + " is not there: make it");
    }

    @Override
    public List<String> heaps() {
        return present.stream()
                .filter(source -> source.kind() == MemorySource.Kind.HEAP)
                .map(MemorySource::heap)
                .sorted(Comparator.naturalOrder())
                .toList();
    }

    @Override
    public Optional<List<Segment>> physical(Memory memory) {
        Piece piece = (Piece) memory;
        return privileged && !piece.segments.isEmpty() ? Optional.of(joined(piece.segments)) : Optional.empty();
    }

    private static List<Segment> joined(List<Segment> segments) {
        List<Segment> joined = new ArrayList<>();
        for (Segment next : segments) {
            boolean adjacent = !joined.isEmpty() && joined.getLast().end() == next.address();
            joined.add(adjacent
                    ? new Segment(joined.getLast().address(), joined.removeLast().byteSize() + next.byteSize())
                    : next);
        }
        return joined;
    }

    @Override
    public Memory join(List<Memory> parts, String name) {
        List<Segment> all = new ArrayList<>();
        long byteSize = 0;
        for (Memory part : parts) {
            all.addAll(((Piece) part).segments);
            byteSize += part.byteSize();
        }
        Piece whole = new Piece(((Piece) parts.getFirst()).source, byteSize, List.copyOf(all));
        open.removeAll(parts);
        open.add(whole);
        return whole;
    }

    @Override
    public Memory pciResource(String pciAddress, int index) {
        throw new UnsupportedOperationException("no devices");
    }

    @Override
    public long capacity() {
        return 1L << 30;
    }

    @Override
    public boolean owns(Memory memory) {
        return open.contains(memory);
    }

    @Override
    public long inUse() {
        return open.stream().mapToLong(Piece::byteSize).sum();
    }

    @Override
    public Map<String, Long> lent() {
        return lent;
    }

    @Override
    public void closeDescriptor(int descriptor) {
        throw new UnsupportedOperationException("no descriptor");
    }

    @Override
    public void copy(Memory from, Memory to) {
        throw new UnsupportedOperationException("no bytes");
    }

    @Override
    public void zero(Memory memory) {
        throw new UnsupportedOperationException("no bytes");
    }
}
