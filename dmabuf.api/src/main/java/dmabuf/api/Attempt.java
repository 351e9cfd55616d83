// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Objects;
import java.util.Optional;

/**
 * What one allocator answered in a decision.
 *
 * @param allocator the id of the allocator
 * @param asked true when it was asked to allocate; false when it was no candidate
 * @param failure why it did not serve, or empty when it did
 * @param text the same in words, with values
 */
public record Attempt(String allocator, boolean asked, Optional<Reason> failure, String text) {
    /** Checks for nulls. */
    public Attempt {
        Objects.requireNonNull(allocator, "allocator");
        Objects.requireNonNull(failure, "failure");
        Objects.requireNonNull(text, "text");
    }
}
