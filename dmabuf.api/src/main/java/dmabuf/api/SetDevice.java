// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Objects;

/**
 * A device of a buffer set, and which way its data flows.
 *
 * @param device a name, short name or filter; see {@link Exporter}
 * @param direction the direction in which every buffer of the set is mapped for it
 */
public record SetDevice(String device, Direction direction) {
    /** Checks for nulls. */
    public SetDevice {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(direction, "direction");
    }
}
