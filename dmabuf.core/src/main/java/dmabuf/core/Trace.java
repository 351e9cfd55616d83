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
            case SIMPLE -> core.latest().trace(System.currentTimeMillis());
            case FULL -> new Trace(System.currentTimeMillis(), frames());
        };
    }

    /** The trace that was recorded last: what is opened in the same millisecond shares it. */
    static final class Latest {
        /** Read and written by all threads without order: whichever they see is whole, and right if its moment is. */
        private Trace trace = NONE;

        Trace trace(long millis) {
            Trace known = trace;
            if (known.sinceMillis != millis) {
                known = new Trace(millis, List.of());
                trace = known;
            }
            return known;
        }
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
