// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Objects;

/**
 * An optional device that a buffer goes on without.
 *
 * @param device its full name, or as it was named where no device of that name is present
 * @param explanation why it did not join; {@link Reason#NOT_READY} when it did not come in time
 */
public record LeftOut(String device, Explanation explanation) {
    /** Checks for nulls. */
    public LeftOut {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(explanation, "explanation");
    }
}
