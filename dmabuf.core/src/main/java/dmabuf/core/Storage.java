// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.Memory;
import dmabuf.core.negotiation.Tables;
import java.util.List;

/**
 * Verified storage: where it lies, who gave it, and what of the core stands behind it. Immutable, compared by identity;
 * whoever holds it gives it back once.
 */
final class Storage {
    private final AllocatorEntry allocator;
    private final Allocation allocation;
    private final Resources resources;
    private final List<Segment> runs;

    Storage(AllocatorEntry allocator, Allocation allocation, Resources resources) {
        this.allocator = allocator;
        this.allocation = allocation;
        this.resources = resources;
        this.runs = Tables.join(allocation.segments());
    }

    /** Returns the same storage where a compaction put it. */
    Storage movedTo(Allocation place) {
        return new Storage(allocator, place, resources);
    }

    /** Returns who gave it, as it is called now. */
    AllocatorEntry allocator() {
        return allocator.latest();
    }

    Allocation allocation() {
        return allocation;
    }

    Resources resources() {
        return resources;
    }

    /** Returns its segments in CPU physical space, joined. */
    List<Segment> runs() {
        return runs;
    }

    Memory memory() {
        return allocation.memory();
    }

    /** Gives everything back, to the allocator first while it is there. */
    void giveBack() {
        resources.unclaim();
        allocator.release(allocation);
        resources.close();
    }
}
