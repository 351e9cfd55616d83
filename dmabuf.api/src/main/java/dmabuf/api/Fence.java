// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The completion of work on a buffer, as those see it who wait for it; the kernel's struct dma_fence. It is done exactly
 * once, at its deadline at the latest, and then stays as it is: it may be kept and asked at any time, also after its
 * buffer or the runtime went. The other side is {@link FenceSource}.
 */
@ProviderType
public interface Fence {
    /** Returns where it is in its life. Costs one volatile read, so that it may be polled. */
    FenceState state();

    /** Returns whether the work is done, in whatever way. */
    default boolean isDone() {
        return state() != FenceState.PENDING;
    }

    /** Returns why it failed, TIMED_OUT for a deadline that passed; empty unless it is {@link FenceState#FAILED}. */
    Optional<Explanation> error();

    /** Returns what the work does to the buffer. */
    FenceUsage usage();

    /** Returns the time until its deadline; zero when it is done, and when the deadline has passed. */
    Duration remaining();

    /** Returns what messages and listings call it, for example {@code write fence decode of bundle app on frame#3}. */
    String title();

    /**
     * Waits until it is done.
     *
     * @param limit the longest time to wait; zero only asks
     * @return whether it is signalled; false when the limit passed before, or the thread is interrupted, which it then
     *     stays
     * @throws DmaBufException its {@link #error()}, when it failed
     */
    boolean await(Duration limit);

    /**
     * Calls a listener once when it is done, at once when it is done already; each call of this method asks for a call of
     * its own. The listener runs on a thread of the runtime, holds up nobody, and what it throws is its own affair. When
     * the bundle stops whose {@link DmaBuf#fences()} gave this handle it is forgotten, so ask by a handle of your own. By
     * that of the source, {@link FenceSource#fence()}, it is told in any case.
     */
    void onDone(FenceListener listener);

    /** Returns the fences that it stands for: itself, unless it was made by {@link #allOf}. */
    default List<Fence> parts() {
        return List.of(this);
    }

    /**
     * Returns a fence that is done when all of these are; the kernel's dma_fence_array. It failed when one of them did,
     * with the error of the first of them in this order.
     *
     * @throws IllegalArgumentException when there is none
     */
    static Fence allOf(Collection<? extends Fence> fences) {
        return AllFences.of(fences);
    }
}
