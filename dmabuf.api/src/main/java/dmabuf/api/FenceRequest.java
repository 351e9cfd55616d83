// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What fence is put on a buffer. Immutable; changed copies by the other methods. */
public final class FenceRequest {
    private final FenceUsage usage;
    private final Duration deadline;
    private final Optional<String> name;
    private final List<Fence> predecessors;
    private final boolean inOrder;

    private FenceRequest(
            FenceUsage usage, Duration deadline, Optional<String> name, List<Fence> predecessors, boolean inOrder) {
        this.usage = usage;
        this.deadline = deadline;
        this.name = name;
        this.predecessors = predecessors;
        this.inOrder = inOrder;
    }

    /**
     * Returns a request for a fence.
     *
     * @param usage what the work does to the buffer
     * @param deadline how long the work may take, counted from when the fence is put on the buffer; INVALID unless positive
     */
    public static FenceRequest of(FenceUsage usage, Duration deadline) {
        Objects.requireNonNull(usage, "usage");
        if (!deadline.isPositive()) {
            throw new DmaBufException(
                    Reason.INVALID, "deadline=" + deadline + " is not positive: every fence has a deadline");
        }
        return new FenceRequest(usage, deadline, Optional.empty(), List.of(), false);
    }

    /** Returns this request with a name for messages and listings, of 1 to 31 characters. */
    public FenceRequest withName(String value) {
        if (value.isEmpty() || value.length() > BufferRequest.MAX_NAME_BYTES) {
            throw new DmaBufException(
                    Reason.INVALID,
                    "name '" + value + "' has " + value.length() + " characters: allowed are 1 to "
                            + BufferRequest.MAX_NAME_BYTES);
        }
        return new FenceRequest(usage, deadline, Optional.of(value), predecessors, inOrder);
    }

    /**
     * Returns this request with further fences that come before this one, of this buffer or another. It is not signalled
     * before they are, and when one of them fails it fails at once, with the first error of theirs: work that waits for
     * them has not begun.
     */
    public FenceRequest after(Collection<? extends Fence> fences) {
        List<Fence> all = new ArrayList<>(predecessors);
        fences.forEach(fence -> all.addAll(fence.parts()));
        return new FenceRequest(usage, deadline, name, List.copyOf(all), inOrder);
    }

    /** Returns this request with further fences that come before this one; as {@link #after(Collection)}. */
    public FenceRequest after(Fence... fences) {
        return after(List.of(fences));
    }

    /**
     * Returns this request for a fence that also comes after those which are pending on the buffer when it is put there and
     * which work of its usage has to wait for: a reader waits for writers, a writer for all.
     */
    public FenceRequest inOrder() {
        return new FenceRequest(usage, deadline, name, predecessors, true);
    }

    /** Returns what the work does to the buffer. */
    public FenceUsage usage() {
        return usage;
    }

    /** Returns how long the work may take. */
    public Duration deadline() {
        return deadline;
    }

    /** Returns the name, or empty. */
    public Optional<String> name() {
        return name;
    }

    /** Returns the fences that were named to come before. */
    public List<Fence> predecessors() {
        return predecessors;
    }

    /** Returns whether it comes after those on the buffer. */
    public boolean isInOrder() {
        return inOrder;
    }
}
