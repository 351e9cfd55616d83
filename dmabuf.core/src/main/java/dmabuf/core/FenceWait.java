// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** One call's wait for the fences in its way; under the buffer's lock, which is free while it waits. */
final class FenceWait {
    private final Buffer buffer;
    private final Optional<FenceUsage> usage;
    private final Predicate<BufferFence> which;
    private List<BufferFence> ahead = List.of();
    private long end;

    /** Creates the wait of work of a usage; of none, which waits for nothing. */
    FenceWait(Buffer buffer, Optional<FenceUsage> usage) {
        this(buffer, usage, _ -> true);
    }

    private FenceWait(Buffer buffer, Optional<FenceUsage> usage, Predicate<BufferFence> which) {
        this.buffer = buffer;
        this.usage = usage;
        this.which = which;
    }

    /** Returns the wait for those fences only of which drivers know nothing. */
    static FenceWait forPrograms(Buffer buffer, FenceUsage usage) {
        return new FenceWait(buffer, Optional.of(usage), fence -> !fence.isKnownToDrivers());
    }

    /**
     * Returns whether nothing is in the way now.
     *
     * @throws DmaBufException the error of a fence that failed since the last look
     */
    boolean isOver() {
        if (usage.isEmpty()) {
            return true;
        }
        boolean first = ahead.isEmpty();
        ahead.forEach(BufferFence::check);
        List<BufferFence> all = Fences.ahead(buffer, usage.get());
        ahead = all.isEmpty() ? all : all.stream().filter(which).toList();
        if (first && !ahead.isEmpty()) {
            end = end();
        }
        return ahead.isEmpty();
    }

    /** All of these end at their deadlines; those that come meanwhile are waited for no longer than the patience. */
    private long end() {
        long now = System.nanoTime();
        long last = ahead.stream().mapToLong(fence -> fence.deadline() - now).max().orElse(0);
        return now + Settings.sum(Math.max(last, 0), buffer.patience());
    }

    /** Waits for a change; the caller looks again. */
    void await(boolean trying) {
        if (trying) {
            throw busy("");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw busy("; the wait was interrupted");
        }
        if (System.nanoTime() - end > 0) {
            throw busy("; new ones kept coming");
        }
        buffer.lock().awaitChange(next());
    }

    /** Returns when to look again, woken or not: soon after the first deadline of those ahead, and at the end. */
    private long next() {
        long now = System.nanoTime();
        long first = ahead.stream().mapToLong(fence -> fence.deadline() - now).min().orElse(0);
        return now + Math.min(Settings.sum(Math.max(first, 0), DriverWait.SLICE.toNanos()), end - now + 1);
    }

    private DmaBufException busy(String how) {
        String fences = ahead.stream().map(BufferFence::title).collect(Collectors.joining(", "));
        return new DmaBufException(
                Explanation.of(Reason.BUSY, "buffer " + buffer.want().name() + " waits for " + fences + how));
    }
}
