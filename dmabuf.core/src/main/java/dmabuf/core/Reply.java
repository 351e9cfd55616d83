// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Explanation;
import java.util.Optional;

/** What came of a call of foreign code. Holds no object of the foreign bundle but the value itself. */
sealed interface Reply<T> {
    /** It answered in time. */
    record Given<T>(T value) implements Reply<T> {}

    /**
     * It threw.
     *
     * @param refusal the explanation of a DmaBufException; empty for anything else
     * @param text the same in words
     */
    record Thrown<T>(Optional<Explanation> refusal, String text) implements Reply<T> {}

    /** The deadline passed. */
    record Late<T>(String text) implements Reply<T> {}

    /** Returns the value, or empty when there is none. */
    default Optional<T> given() {
        return switch (this) {
            case Given<T>(T value) -> Optional.of(value);
            case Thrown<T> _ -> Optional.empty();
            case Late<T> _ -> Optional.empty();
        };
    }
}
