// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import org.jetbrains.lincheck.datastructures.Operation;

/** A {@link Party} that leaves while it is called. */
public class PartyCalls {
    private final Party<String> party = new Party<>("party", "service");

    @Operation
    public boolean leave() {
        return party.leave();
    }

    @Operation
    public boolean isThere() {
        return party.service().isPresent();
    }

    @Operation
    public boolean hasLeft() {
        return party.hasLeft();
    }

    @Operation
    public void overran() {
        party.overran();
    }

    @Operation
    public void returned() {
        party.returned();
    }

    @Operation
    public boolean isOverdue() {
        return party.isOverdue();
    }
}
