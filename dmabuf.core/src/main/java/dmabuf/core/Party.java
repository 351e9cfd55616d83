// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One registration of somebody else's service. It is the only place that refers to the service object, and lets go of
 * it when the service leaves: storage that outlives its allocator then keeps no class of the departed bundle. Compared
 * by identity.
 */
final class Party<S> {
    /** How many calls of a party may be overdue before it is not called again until one of them returns. */
    static final int MAX_OVERDUE = 8;

    private final String title;
    private final AtomicReference<@Nullable S> service;
    private final AtomicInteger overdue = new AtomicInteger();

    /** Creates a registration; the title is what messages call it, for example {@code "allocator contig"}. */
    Party(String title, S service) {
        this.title = title;
        this.service = new AtomicReference<>(service);
    }

    String title() {
        return title;
    }

    Optional<S> service() {
        return Optional.ofNullable(service.get());
    }

    boolean hasLeft() {
        return service.get() == null;
    }

    /** Lets go of the service; false when that was done before. */
    boolean leave() {
        return service.getAndSet(null) != null;
    }

    int overdue() {
        return overdue.get();
    }

    void overran() {
        overdue.incrementAndGet();
    }

    void returned() {
        overdue.decrementAndGet();
    }
}
