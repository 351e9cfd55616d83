// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AccessBits;
import dmabuf.api.spi.ConfiguredValues;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What can be configured.
 *
 * @param foreignDeadline how long one call of an allocator, mapper or policy may take
 * @param moveDeadline how long holders that were told may take to let go
 * @param capBytes the most that all storage together may take; empty for the memory service's own capacity
 * @param accessBits the names of the bits of the access mask
 * @param leakLevel what is recorded of each thing that is opened
 * @param recycledBytes the most that may be kept of what released buffers and moves left, for the next ones
 * @param recycledIdle how long it is kept
 */
record Settings(
        Duration foreignDeadline, Duration moveDeadline, OptionalLong capBytes, AccessBits accessBits,
        LeakLevel leakLevel, long recycledBytes, Duration recycledIdle) {
    private static final long MOST_RECYCLED = 64L << 20;
    private static final Duration RECYCLED_FOR = Duration.ofSeconds(5);

    static final Settings DEFAULT = new Settings(Duration.ofSeconds(1), Duration.ofSeconds(1), OptionalLong.empty());

    private static final String FOREIGN = "foreignDeadlineMillis";
    private static final String MOVE = "moveDeadlineMillis";
    private static final String CAP = "cap";
    private static final String BITS = "accessBits";
    private static final String LEAKS = "leakLevel";
    private static final String RECYCLED_BYTES = "recycledBytes";
    private static final String RECYCLED_IDLE = "recycledIdleMillis";
    private static final long MAX_MILLIS = 60_000;
    private static final long MAX_IDLE_MILLIS = 3_600_000;

    /** Returns settings in which no bit has a name, and the time of each thing that is opened is recorded; the rest as by default. */
    Settings(Duration foreignDeadline, Duration moveDeadline, OptionalLong capBytes) {
        this(foreignDeadline, moveDeadline, capBytes, AccessBits.NONE, LeakLevel.SIMPLE);
    }

    /** Returns settings in which storage is kept as by default. */
    Settings(
            Duration foreignDeadline, Duration moveDeadline, OptionalLong capBytes, AccessBits accessBits,
            LeakLevel leakLevel) {
        this(foreignDeadline, moveDeadline, capBytes, accessBits, leakLevel, MOST_RECYCLED, RECYCLED_FOR);
    }

    /** Reads a configuration; INVALID for an unknown key or a value outside its domain. */
    static Settings of(Map<String, Object> configuration) {
        Set<String> keys = Set.of(FOREIGN, MOVE, CAP, BITS, LEAKS, RECYCLED_BYTES, RECYCLED_IDLE);
        ConfiguredValues values = ConfiguredValues.of(CoreComponent.PID, keys, configuration);
        return new Settings(
                millis(values.number(FOREIGN, 1, MAX_MILLIS), DEFAULT.foreignDeadline),
                millis(values.number(MOVE, 0, MAX_MILLIS), DEFAULT.moveDeadline),
                values.number(CAP, 0, Long.MAX_VALUE),
                values.parsed(BITS, _ -> AccessBits.parse(values.names(BITS))).orElse(AccessBits.NONE),
                values.parsed(LEAKS, LeakLevel::parse).orElse(DEFAULT.leakLevel),
                values.number(RECYCLED_BYTES, 0, Long.MAX_VALUE).orElse(MOST_RECYCLED),
                millis(values.number(RECYCLED_IDLE, 1, MAX_IDLE_MILLIS), RECYCLED_FOR));
    }

    private static Duration millis(OptionalLong stated, Duration unset) {
        return stated.isPresent() ? Duration.ofMillis(stated.getAsLong()) : unset;
    }

    /** Returns a time in nanoseconds, at most about 146 years, so that adding it to the clock does not overflow. */
    static long nanos(Duration time) {
        Duration most = Duration.ofNanos(Long.MAX_VALUE / 2);
        return (time.compareTo(most) < 0 ? time : most).toNanos();
    }

    /** Returns the sum of two times in nanoseconds, bounded as by {@link #nanos}. */
    static long sum(long one, long other) {
        return Math.min(one, Long.MAX_VALUE / 2 - Math.min(other, Long.MAX_VALUE / 2)) + other;
    }

    /**
     * Returns how long a call waits for another one on the same buffer. Whoever holds a buffer's lock calls foreign
     * code a few times at most, so this is seldom reached; past it the call fails instead of hanging.
     */
    Duration lockDeadline() {
        return foreignDeadline.multipliedBy(10);
    }
}
