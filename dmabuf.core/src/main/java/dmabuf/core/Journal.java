// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Where the core says what nobody asked for but somebody should know. */
final class Journal {
    private final Consumer<String> warnings;
    private final Consumer<String> notes;
    private final Set<String> said = ConcurrentHashMap.newKeySet();

    Journal(Consumer<String> warnings, Consumer<String> notes) {
        this.warnings = warnings;
        this.notes = notes;
    }

    void warn(String text) {
        warnings.accept(text);
    }

    /** Warns the first time that a key comes up, and never again in the life of the core. */
    void warnOnce(String key, String text) {
        if (said.add(key)) {
            warnings.accept(text);
        }
    }

    void note(String text) {
        notes.accept(text);
    }
}
