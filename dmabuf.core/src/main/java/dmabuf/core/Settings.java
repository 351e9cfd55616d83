// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What can be configured.
 *
 * @param foreignDeadline how long one call of an allocator, mapper or policy may take
 * @param moveDeadline how long holders that were told may take to let go
 * @param capBytes the most that all storage together may take; empty for the memory service's own capacity
 */
record Settings(Duration foreignDeadline, Duration moveDeadline, OptionalLong capBytes) {
    static final Settings DEFAULT = new Settings(Duration.ofSeconds(1), Duration.ofSeconds(1), OptionalLong.empty());

    private static final long MAX_MILLIS = 60_000;

    /** Reads a configuration; INVALID for a value outside its domain. */
    static Settings of(Map<String, Object> configuration) {
        String cap = configuration.getOrDefault("cap", "").toString().strip();
        return new Settings(
                millis(configuration, "foreignDeadlineMillis", DEFAULT.foreignDeadline, 1),
                millis(configuration, "moveDeadlineMillis", DEFAULT.moveDeadline, 0),
                cap.isEmpty() ? OptionalLong.empty() : OptionalLong.of(bytes(cap)));
    }

    private static Duration millis(Map<String, Object> configuration, String key, Duration unset, long least) {
        String text = configuration.getOrDefault(key, "").toString().strip();
        if (text.isEmpty()) {
            return unset;
        }
        long value = Quantity.parse(text);
        if (value < least || value > MAX_MILLIS) {
            throw new DmaBufException(
                    Reason.INVALID, key + "=" + text + " is not between " + least + " and " + MAX_MILLIS);
        }
        return Duration.ofMillis(value);
    }

    private static long bytes(String cap) {
        long value = Quantity.parse(cap);
        if (value < 0) {
            throw new DmaBufException(Reason.INVALID, "cap=" + cap + " is above 2^63-1");
        }
        return value;
    }

    /** Returns a time in nanoseconds, at most about 146 years, so that adding it to the clock does not overflow. */
    static long nanos(Duration time) {
        Duration most = Duration.ofNanos(Long.MAX_VALUE / 2);
        return (time.compareTo(most) < 0 ? time : most).toNanos();
    }

    /**
     * Returns how long a call waits for another one on the same buffer. Whoever holds a buffer's lock calls foreign
     * code a few times at most, so this is seldom reached; past it the call fails instead of hanging.
     */
    Duration lockDeadline() {
        return foreignDeadline.multipliedBy(10);
    }
}
