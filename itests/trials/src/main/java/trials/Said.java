// SPDX-License-Identifier: Apache-2.0
package trials;

import java.util.function.Function;
import org.osgi.framework.ServiceReference;

/** What is said to a bundle of {@code trials.inside}, and what it answers. */
final class Said {
    private final Gateway gateway;
    private final ServiceReference<?> listener;

    Said(Gateway gateway, ServiceReference<?> listener) {
        this.gateway = gateway;
        this.listener = listener;
    }

    /** Says a word and returns the answer, which is of a class of the JDK. */
    @SuppressWarnings("unchecked") // Services.obey registers nothing else
    Object to(String word) {
        Function<String, Object> function = (Function<String, Object>) gateway.context().getService(listener);
        try {
            return function.apply(word);
        } finally {
            gateway.context().ungetService(listener);
        }
    }
}
