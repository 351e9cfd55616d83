// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.Optional;

/** Something open that keeps a buffer's storage where it is. All methods are called under the buffer's lock. */
interface Holder extends Held {
    /** Returns what an explanation names: the device of a mapping, empty for the CPU's own. */
    Optional<String> device();

    @Override
    default Optional<String> concerned() {
        return device();
    }

    /** Returns what a refusal calls it. */
    default String words() {
        return device().orElse("the CPU, for " + owner().name());
    }

    /** Returns whether the CPU sees the storage by it. */
    default boolean isCpu() {
        return device().isEmpty();
    }

    /** Returns whether it came with a move listener. */
    default boolean isMovable() {
        return false;
    }

    /** Asks it to let go; called outside locks, and only when it is movable. */
    default void askToMove() {}

    /** Returns whether the buffer lives while this is open; a descriptor outside keeps its file alive by itself. */
    default boolean keepsBuffer() {
        return true;
    }

    /** Returns whether it ended by itself, and holds nothing any more, though it is still on the list. */
    default boolean isOver() {
        return false;
    }

    /** Lets go of what an owner that leaves left with it. */
    default void forget(Owner leaving) {}

    /** Ends it because its owner, its device or the core went: later calls answer GONE. */
    void end();
}
