// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.HoldingKind;
import java.util.Optional;

/**
 * What keeps the storage of a set's buffer where it is, also when no device is mapped: the buffers of a set move together,
 * by a new generation, or not at all.
 *
 * @param owner whose set it is
 * @param set the name of the set
 * @param trace when the buffer was made
 */
record SetHold(Owner owner, String set, Trace trace) implements Holder {
    @Override
    public HoldingKind kind() {
        return HoldingKind.SET;
    }

    @Override
    public Optional<String> device() {
        return Optional.of("set " + set);
    }

    @Override
    public Optional<String> concerned() {
        return Optional.empty();
    }

    @Override
    public void end() {
        // nothing is behind it
    }
}
