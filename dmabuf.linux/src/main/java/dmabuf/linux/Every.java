// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Does something with every element, also when one of them fails. */
final class Every {
    private Every() {}

    /** Throws the first failure in the end, which takes the others with it. */
    static <T> void of(Collection<T> all, Consumer<? super T> action) {
        RuntimeException first = null;
        for (T one : all) {
            first = failure(first, () -> action.accept(one));
        }
        if (first != null) {
            throw first;
        }
    }

    /** Runs all steps, in their order. */
    static void step(Runnable... steps) {
        of(List.of(steps), Runnable::run);
    }

    private static @Nullable RuntimeException failure(@Nullable RuntimeException first, Runnable action) {
        try {
            action.run();
            return first;
        } catch (RuntimeException e) {
            if (first == null) {
                return e;
            }
            first.addSuppressed(e);
            return first;
        }
    }
}
