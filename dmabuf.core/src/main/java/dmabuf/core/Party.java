// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One registration of somebody else's service. It is the only place that refers to the service object, and lets go of
 * it when the service leaves: storage that outlives its allocator then keeps no class of the departed bundle. Compared
 * by identity.
 */
final class Party<S> {
    /** How many calls of a party may be overdue before it is not called again until one of them returns. */
    static final int MAX_OVERDUE = 8;

    /** How many calls of a party may run at once; more come only from code that calls itself through the core. */
    static final int MAX_RUNNING = 256;

    private final Supplier<String> title;
    private final AtomicReference<@Nullable S> service;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger overdue = new AtomicInteger();

    /** Creates a registration; the title is what messages call it, for example {@code "allocator contig"}. */
    Party(String title, S service) {
        this(() -> title, service);
    }

    /** Creates a registration whose title may change. */
    Party(Supplier<String> title, S service) {
        this.title = title;
        this.service = new AtomicReference<>(service);
    }

    String title() {
        return title.get();
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

    /** Returns why it is not called now, or empty when it may be. */
    Optional<String> reluctance() {
        if (overdue.get() >= MAX_OVERDUE) {
            return Optional.of(title() + " is not asked: " + overdue.get() + " earlier calls still run");
        }
        return running.get() >= MAX_RUNNING
                ? Optional.of(title() + " is not asked: " + running.get() + " calls are under way")
                : Optional.empty();
    }

    /** Returns whether it has proved to hang. */
    boolean isOverdue() {
        return overdue.get() > 0;
    }

    void begin() {
        running.incrementAndGet();
    }

    void end() {
        running.decrementAndGet();
    }

    void overran() {
        overdue.incrementAndGet();
    }

    void returned() {
        overdue.decrementAndGet();
    }
}
