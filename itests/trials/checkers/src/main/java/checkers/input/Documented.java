// SPDX-License-Identifier: Apache-2.0
package checkers.input;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Which errors are documented. */
public final class Documented {
    private Documented() {}

    /** Returns what an action answers, or empty when it is refused as INVALID; anything else that it throws goes on. */
    public static <T> Optional<T> orInvalid(Supplier<T> action) {
        return or(Set.of(Reason.INVALID), action);
    }

    /** Returns what an action answers, or empty when it is refused for one of these reasons, with a text. */
    public static <T> Optional<T> or(Set<Reason> documented, Supplier<T> action) {
        try {
            return Optional.of(action.get());
        } catch (DmaBufException e) {
            check(documented.contains(e.reason()), "a reason that is not documented here: " + e);
            check(!e.explanation().text().isBlank(), "a refusal without a text");
            return Optional.empty();
        }
    }

    /** Fails unless something holds. */
    public static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
