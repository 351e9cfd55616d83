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
        Throwable first = null;
        for (T one : all) {
            first = failure(first, () -> action.accept(one));
        }
        switch (first) {
            case null -> {}
            case Error error -> throw error;
            case RuntimeException refusal -> throw refusal;
            default -> throw new AssertionError("an action has no checked exceptions", first);
        }
    }

    /** Runs all steps, in their order. */
    static void step(Runnable... steps) {
        of(List.of(steps), Runnable::run);
    }

    private static @Nullable Throwable failure(@Nullable Throwable first, Runnable action) {
        try {
            action.run();
            return first;
        } catch (RuntimeException | Error e) {
            if (first == null) {
                return e;
            }
            first.addSuppressed(e);
            return first;
        }
    }
}
