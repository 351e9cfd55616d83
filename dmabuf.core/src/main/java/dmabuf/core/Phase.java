// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

/** Where a buffer is in its life. Replaced under the buffer's lock only. */
sealed interface Phase {
    Phase DEFERRED = new Deferred();
    Phase RELEASED = new Released();

    /** No storage yet. */
    record Deferred() implements Phase {}

    /**
     * Has storage.
     *
     * @param storage the storage
     * @param orphaned whether its allocator left and nobody could take it so far
     */
    record Backed(Storage storage, boolean orphaned) implements Phase {}

    /** Everything is given back. */
    record Released() implements Phase {}
}
