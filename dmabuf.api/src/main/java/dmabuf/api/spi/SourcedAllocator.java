// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * An allocator that takes real memory, from the best source of the machine that is there and suits the devices. Each source
 * is probed at each request: a node that appears, or whose rights change, counts at once. The model stands in only while
 * no source before it can be used, and none has served: beside real addresses those of a model would be wrong. Where
 * real memory is there but none that suits, a set without direct devices still gets pages of a memfd. For any number of
 * threads.
 */
public final class SourcedAllocator implements Allocator {
    private static final String TAKEN = "source";
    private static final String NOT_TAKEN = "source not ";
    private static final String LENT = "lent ";

    private final SourceOrder order;
    private final MemoryService memory;
    private final SourceTaker taker;
    private final Predicate<Participant> matching;
    private final Allocator model;
    private final SourceBooks books = new SourceBooks();
    private volatile boolean live;

    /**
     * Makes an allocator over sources, and probes them.
     *
     * @param taker takes from each
     * @param matched what {@link #match} answers where a source is there now: it holds for what sources and model may give;
     *     else the model is asked
     * @param model stands in where none of them is there; it also answers what is not of the sources
     */
    public SourcedAllocator(
            SourceOrder order, MemoryService memory, SourceTaker taker, Predicate<Participant> matched, Allocator model) {
        this.order = order;
        this.memory = memory;
        this.taker = taker;
        this.model = model;
        this.live = taken().isPresent();
        this.matching = live ? matched : model::match;
    }

    @Override
    public boolean match(Participant device) {
        return matching.test(device);
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        SourceAnswers answers = new SourceAnswers();
        try {
            Optional<Allocation> real = ask(request, answers);
            live = real.isPresent() || answers.isUsable() || books.hasServed();
            return real.isPresent() ? real.get() : standIn(request, answers);
        } catch (RuntimeException | Error e) {
            books.failed(e);
            throw e;
        }
    }

    private Optional<Allocation> ask(AllocationRequest request, SourceAnswers answers) {
        for (MemorySource source : order.expanded(memory.heaps())) {
            SourceState state = memory.probe(source);
            if (!state.isUsable()) {
                answers.absent(source, state.text());
                continue;
            }
            try {
                return Optional.of(books.served(taker.take(source, request)));
            } catch (DmaBufException e) {
                answers.refused(source, e);
            }
        }
        return Optional.empty();
    }

    private Allocation standIn(AllocationRequest request, SourceAnswers answers) {
        if (!order.hasModel()) {
            throw answers.refusal();
        }
        boolean mapped = request.devices().stream()
                .allMatch(device -> device.path().iommu().isPresent());
        boolean byUs = mapped && SegmentFit.mappedByUs(request).isPresent();
        if (taker.takesMemfds() && (byUs || (live && mapped))) {
            return pagesOfMemfd(request, answers);
        }
        if (live) {
            throw answers.refusal();
        }
        return model.allocate(request);
    }

    private Allocation pagesOfMemfd(AllocationRequest request, SourceAnswers answers) {
        try {
            return books.opened(taker.take(MemorySource.MEMFD, request));
        } catch (DmaBufException e) {
            answers.refused(MemorySource.MEMFD, e);
            throw answers.refusal();
        }
    }

    @Override
    public void release(Allocation allocation) {
        if (!books.closed(allocation)) {
            model.release(allocation);
        }
    }

    /** {@inheritDoc} With a source, what is free is what the memory service has left: the kernel tells of no heap. */
    @Override
    public AllocatorStatistics statistics() {
        AllocatorStatistics modelled = model.statistics();
        return live ? books.statistics(modelled, Math.max(0, memory.capacity() - memory.inUse())) : modelled;
    }

    @Override
    public void compact(CompactionRequest request) {
        model.compact(request);
    }

    /**
     * {@inheritDoc} Besides what the model says: the source that is taken now, why no better one, and what of its memory
     * others hold after it was closed.
     */
    @Override
    public Map<String, String> describe() {
        Map<String, String> lines = new LinkedHashMap<>(model.describe());
        Optional<MemorySource> taken = taken();
        live = taken.isPresent() || books.hasServed();
        lines.put(TAKEN, taken.map(MemorySource::toString).orElseGet(this::last));
        passedOver(taken, lines);
        List<String> own = order.expanded(memory.heaps()).stream().map(MemorySource::toString).toList();
        memory.lent().forEach((source, byteSize) -> {
            if (own.contains(source)) {
                lines.put(LENT + source, Quantity.format(byteSize));
            }
        });
        return lines;
    }

    private void passedOver(Optional<MemorySource> taken, Map<String, String> lines) {
        List<String> heaps = memory.heaps();
        for (MemorySource source : order.expanded(heaps)) {
            if (taken.filter(source::equals).isPresent()) {
                return;
            }
            lines.put(NOT_TAKEN + source, memory.probe(source).text());
        }
        order.unmatched(heaps).forEach(glob -> lines.put(NOT_TAKEN + glob, "no heap below /dev/dma_heap has such a name"));
    }

    private String last() {
        return order.hasModel() && !books.hasServed() ? "memfd, at addresses of the board model" : "none";
    }

    private Optional<MemorySource> taken() {
        return order.expanded(memory.heaps()).stream()
                .filter(source -> memory.probe(source).isUsable())
                .findFirst();
    }
}
