// SPDX-License-Identifier: Apache-2.0
package itests.lab;

import java.util.Optional;
import java.util.function.Supplier;

/**
 * One thing that is shown by bytes.
 *
 * @param name how the command line names it
 * @param missing why it cannot be shown on this kernel or machine, or empty
 * @param body does it; what it throws is why it failed
 */
public record LabCase(String name, Supplier<Optional<String>> missing, Body body) {
    /** What a case does. */
    @FunctionalInterface
    public interface Body {
        /** Does it; anything thrown is a failure. Returns what was seen, in one line. */
        String run(Bench bench) throws Exception;
    }
}
