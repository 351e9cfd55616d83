// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Several fences as one.
 *
 * @param parts the fences, none of which stands for others
 */
record AllFences(List<Fence> parts) implements Fence {
    static Fence of(Collection<? extends Fence> fences) {
        List<Fence> parts =
                fences.stream().flatMap(fence -> fence.parts().stream()).distinct().toList();
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("no fence is given: there is nothing to wait for");
        }
        return parts.size() == 1 ? parts.getFirst() : new AllFences(parts);
    }

    @Override
    public FenceState state() {
        FenceState all = FenceState.SIGNALLED;
        for (Fence part : parts) {
            switch (part.state()) {
                case PENDING -> {
                    return FenceState.PENDING;
                }
                case FAILED -> all = FenceState.FAILED;
                case SIGNALLED -> {}
            }
        }
        return all;
    }

    @Override
    public Optional<Explanation> error() {
        return state() == FenceState.FAILED
                ? parts.stream().flatMap(part -> part.error().stream()).findFirst()
                : Optional.empty();
    }

    @Override
    public FenceUsage usage() {
        boolean writes = parts.stream().anyMatch(part -> part.usage() == FenceUsage.WRITE);
        return writes ? FenceUsage.WRITE : FenceUsage.READ;
    }

    @Override
    public Duration remaining() {
        return parts.stream().map(Fence::remaining).max(Duration::compareTo).orElse(Duration.ZERO);
    }

    @Override
    public String title() {
        return parts.stream().map(Fence::title).collect(Collectors.joining(", "));
    }

    @Override
    public boolean await(Duration limit) {
        long begin = System.nanoTime();
        Duration most = limit.isNegative() ? Duration.ZERO : limit;
        for (Fence part : parts) {
            Duration left = most.minusNanos(System.nanoTime() - begin);
            if (!isDone(part, left.isNegative() ? Duration.ZERO : left)) {
                return false;
            }
        }
        error().ifPresent(first -> {
            throw new DmaBufException(first);
        });
        return true;
    }

    /** A part that failed is done: the others are waited for all the same. */
    private static boolean isDone(Fence part, Duration limit) {
        try {
            return part.await(limit);
        } catch (DmaBufException e) {
            if (part.isDone()) {
                return true;
            }
            throw e;
        }
    }

    @Override
    public void onDone(FenceListener listener) {
        Objects.requireNonNull(listener, "listener");
        AtomicInteger left = new AtomicInteger(parts.size());
        FenceListener last = _ -> {
            if (left.decrementAndGet() == 0) {
                listener.fenceDone(this);
            }
        };
        parts.forEach(part -> part.onDone(last));
    }
}
