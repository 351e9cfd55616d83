// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.LongConsumer;

/**
 * Closed memory whose dma-buf others still hold. Its files stay open here, by which alone can be seen when the last of
 * them lets go: then the {@code count} in fdinfo is ours alone. While there is any, a thread looks again and again.
 */
final class Lent {
    private static final long INTERVAL_NANOS = 100_000_000;

    private final SystemCalls calls;
    private final IntFunction<OptionalLong> holders;
    private final LongConsumer giveBack;
    private final Set<Backing> out = ConcurrentHashMap.newKeySet();
    private boolean watched;
    private volatile boolean over;

    /**
     * Starts with nothing lent.
     *
     * @param holders how many references to an open dma-buf there are, its own included
     * @param giveBack told of what comes back, in bytes
     */
    Lent(SystemCalls calls, IntFunction<OptionalLong> holders, LongConsumer giveBack) {
        this.calls = calls;
        this.holders = holders;
        this.giveBack = giveBack;
    }

    /** Takes the files of closed memory over; false, with nothing taken, when nobody else holds them. */
    boolean take(Backing backing) {
        if (over || !isHeld(backing)) {
            return false;
        }
        out.add(backing);
        watch();
        if (over) {
            end(); // Which may have looked before this one was there.
        }
        return true;
    }

    private boolean isHeld(Backing backing) {
        return backing.dmaBuf().stream()
                .mapToObj(holders)
                .flatMapToLong(OptionalLong::stream)
                .anyMatch(holders -> holders > 1);
    }

    /** Returns the bytes that are out, by source. */
    Map<String, Long> bytes() {
        Map<String, Long> bytes = new HashMap<>();
        out.forEach(backing -> bytes.merge(backing.source(), backing.byteSize(), Long::sum));
        return bytes;
    }

    /** Closes what nobody else holds any more. */
    void sweep() {
        out.stream().filter(backing -> !isHeld(backing)).forEach(this::close);
    }

    private void close(Backing backing) {
        if (out.remove(backing)) {
            try {
                backing.close(calls);
            } finally {
                giveBack.accept(backing.byteSize());
            }
        }
    }

    /** Closes everything: what others hold stays theirs. */
    void end() {
        over = true;
        Every.of(out, this::close);
    }

    private synchronized void watch() {
        if (!watched) {
            watched = true;
            Thread.ofVirtual().name("dmabuf-lent").start(this::look);
        }
    }

    private void look() {
        do {
            LockSupport.parkNanos(INTERVAL_NANOS);
            sweep();
        } while (isNeeded());
    }

    private synchronized boolean isNeeded() {
        watched = !over && !out.isEmpty();
        return watched;
    }
}
