// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When something was opened, and where, as far as the leak level had it recorded. It keeps texts alone, and so no class of
 * the caller.
 *
 * @param sinceMillis by the clock of {@link System#currentTimeMillis()}; 0 where it was not recorded
 * @param site the innermost frames outside the runtime
 */
record Trace(long sinceMillis, List<StackTraceElement> site) {
    private static final Trace NONE = new Trace(0, List.of());

    /** How many frames say enough. */
    private static final int MOST_FRAMES = 8;

    /** Records what the level in force asks for; costs one volatile read when that is nothing. */
    static Trace of(Core core) {
        return switch (core.settings().leakLevel()) {
            case OFF -> NONE;
            case SIMPLE -> new Trace(System.currentTimeMillis(), List.of());
            case FULL -> new Trace(System.currentTimeMillis(), frames());
        };
    }

    private static List<StackTraceElement> frames() {
        return StackWalker.getInstance().walk(frames -> frames
                .dropWhile(frame -> isOurs(frame.getClassName()))
                .limit(MOST_FRAMES)
                .map(StackWalker.StackFrame::toStackTraceElement)
                .toList());
    }

    private static boolean isOurs(String className) {
        return className.startsWith("dmabuf.core.") || className.startsWith("dmabuf.api.");
    }

    Optional<Instant> since() {
        return sinceMillis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(sinceMillis));
    }
}
