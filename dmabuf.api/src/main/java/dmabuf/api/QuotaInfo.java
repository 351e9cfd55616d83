// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A picture of a quota at one moment: what it limits, and what counts in it.
 *
 * @param name the name
 * @param parent the quota above it, or empty
 * @param owner whose use this is, where each owner has the limit for itself; empty where all share it, and where it is such
 *     a quota and nobody uses anything
 * @param byteSize the bytes in use
 * @param byteLimit the most bytes; empty for no limit
 * @param descriptors the open files in use
 * @param descriptorLimit the most open files; empty for no limit
 */
public record QuotaInfo(
        String name, Optional<String> parent, Optional<String> owner, long byteSize, OptionalLong byteLimit,
        long descriptors, OptionalLong descriptorLimit) {
    /** Checks for nulls. */
    public QuotaInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(parent, "parent");
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(byteLimit, "byteLimit");
        Objects.requireNonNull(descriptorLimit, "descriptorLimit");
    }
}
