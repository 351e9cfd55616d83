// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.DmaBufException;
import java.util.Optional;

/** Errors on one line, with the errno that a kernel interface would have answered. */
public final class CommandError {
    private CommandError() {}

    /** Returns for example {@code EBUSY: cam holds a mapping}. */
    public static String line(Throwable thrown) {
        String message = Optional.ofNullable(thrown.getMessage()).orElse(thrown.getClass().getSimpleName());
        String one = message.strip().replaceAll("\\s*\\R\\s*", "; ");
        return switch (thrown) {
            case DmaBufException refusal -> refusal.reason().errno() + ": " + one;
            case ContentError wrong -> "EIO: " + one;
            case IllegalArgumentException misuse -> "EINVAL: " + one;
            case IllegalStateException misuse -> "EINVAL: " + one;
            default -> thrown.getClass().getSimpleName() + ": " + one;
        };
    }
}
