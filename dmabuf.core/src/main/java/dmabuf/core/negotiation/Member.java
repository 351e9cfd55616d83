// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.DmaPath;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A device that takes part in a negotiation.
 *
 * @param name the full name
 * @param paths the ways in order of preference, each with what it inherits from the parent device; at least one
 * @param parent the device of which it is a part
 */
public record Member(String name, List<DmaPath> paths, Optional<String> parent) {
    /** Checks for nulls and copies the list; refuses an empty one. */
    public Member {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(parent, "parent");
        paths = List.copyOf(paths);
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("device " + name + " has no way to reach memory");
        }
    }

    /** Returns this device with one way only: a mapped device keeps the way that it is mapped by. */
    public Member on(DmaPath path) {
        return new Member(name, List.of(path), parent);
    }
}
