// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import java.util.Locale;
import java.util.Optional;

/** Which of the places that are equal to the devices a pool gives out. */
enum Placing {
    /** The one with the lowest address. */
    LOWEST,

    /** One that leaves the two largest sizes that were asked lately as many places as can be, and little that is of no use. */
    FRAMES;

    /** Reads the word of a configuration. */
    static Optional<Placing> of(String word) {
        for (Placing placing : values()) {
            if (placing.word().equals(word)) {
                return Optional.of(placing);
            }
        }
        return Optional.empty();
    }

    /** Returns the word of a configuration. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
