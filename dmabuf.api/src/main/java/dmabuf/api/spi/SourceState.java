// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import java.util.Objects;

/**
 * Whether something of the machine can be used now, and why not.
 *
 * @param name what was probed, for example {@code heap:system} or {@code iommufd}
 * @param isUsable whether it can be used
 * @param text what it is, or what is in the way, with the node, its owner, group and mode, and the remedy
 */
public record SourceState(String name, boolean isUsable, String text) {
    /** Checks for nulls. */
    public SourceState {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(text, "text");
    }
}
