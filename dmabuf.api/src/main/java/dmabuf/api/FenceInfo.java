// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A fence that is pending on a buffer.
 *
 * @param usage what the work does to the buffer
 * @param owner the bundle that put it there
 * @param name its name, or empty
 * @param remaining the time until its deadline
 */
public record FenceInfo(FenceUsage usage, String owner, Optional<String> name, Duration remaining) {
    /** Refuses null. */
    public FenceInfo {
        Objects.requireNonNull(usage, "usage");
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(remaining, "remaining");
    }
}
