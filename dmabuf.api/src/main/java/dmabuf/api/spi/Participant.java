// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaPath;
import java.util.Objects;

/**
 * A device as it stands in a negotiation: its name and the one way to memory that is being tried.
 *
 * @param device the full name
 * @param path the way, with what it inherits from a parent device
 */
public record Participant(String device, DmaPath path) {
    /** Checks for nulls. */
    public Participant {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(path, "path");
    }
}
