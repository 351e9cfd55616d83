// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.Segment;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What an allocator may move together. Valid until {@link Allocator#compact} returns or its deadline passes; until then
 * the runtime holds the storage still.
 *
 * <p>Each move is final as soon as it is answered, also when the compaction throws or comes to its deadline later on. So
 * the allocator asks for a move while it guards its own books, and books the new place exactly when it got it: what it
 * believes and what the runtime knows then never differ.
 */
@ProviderType
public interface CompactionRequest {
    /** Returns the storage of this allocator that may move, ascending by address, as it was at the beginning. */
    List<IdleStorage> idle();

    /**
     * Moves storage to another place at once. The contents stay in their memory. Does not block; for any thread.
     *
     * @param storage storage that is idle here, or what an earlier move of it was answered by
     * @param places its new segments; they may overlap with its old ones
     * @return the storage at its new place, as {@link Allocator#release} will get it, with the same memory and cookie; or
     *     empty, and it stays where it is: when it is not idle here, when the places break a limit of its devices, have
     *     another length or are claimed by other storage, or when this request is over
     */
    Optional<Allocation> move(Allocation storage, List<Segment> places);
}
