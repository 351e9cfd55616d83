// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Attempt;
import dmabuf.api.DmaPath;
import dmabuf.api.Segment;
import dmabuf.api.SgTable;
import dmabuf.api.StorageSource;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.Memory;
import dmabuf.core.quota.Charge;
import dmabuf.core.negotiation.Tables;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Verified storage: where it lies, who gave it, and what of the core stands behind it. Compared by identity;
 * whoever holds it gives it back once.
 */
final class Storage {
    /** How many tables are remembered, and of what length at most. */
    private static final int MOST_CUTS = 8;

    private static final int MOST_SEGMENTS = 64;

    private final AllocatorEntry allocator;
    private final Allocation allocation;
    private final Resources resources;
    private final @Nullable Proof proof;
    private final List<Segment> runs;
    private volatile List<Attempt> again = List.of();

    /** The tables that were cut last. Used under the lock of the buffer that has the storage. */
    private List<Cut> cuts = List.of();

    private record Cut(DmaPath path, SgTable table) {}

    /**
     * Creates storage that was verified.
     *
     * @param proof what for; null where nobody shall have it again as it lies
     */
    Storage(AllocatorEntry allocator, Allocation allocation, Resources resources, @Nullable Proof proof) {
        this.allocator = allocator;
        this.allocation = allocation;
        this.resources = resources;
        this.proof = proof;
        this.runs = Tables.join(allocation.segments());
    }

    /** Returns the same storage where a compaction put it, which looked at the devices of that moment only. */
    Storage movedTo(Allocation place) {
        return new Storage(allocator, place, resources, null);
    }

    /** Returns who gave it, as it is called now. */
    AllocatorEntry allocator() {
        return allocator.latest();
    }

    /** Returns whether who gave it has left. */
    boolean hasLostAllocator() {
        return allocator.hasLeft();
    }

    Allocation allocation() {
        return allocation;
    }

    @Nullable Proof proof() {
        return proof;
    }

    /** Returns what is told of it when it is used again. */
    List<Attempt> again(Proof known) {
        if (again.isEmpty()) {
            again = Backing.again(this, known);
        }
        return again;
    }

    Resources resources() {
        return resources;
    }

    /** Returns its segments in CPU physical space, joined; empty where the kernel alone knows them. */
    List<Segment> runs() {
        return runs;
    }

    /**
     * Returns the table of a device that reaches it directly. Small ones are remembered: what is kept for the next buffer is
     * mapped for the same devices again.
     */
    SgTable table(DmaPath path) {
        for (int i = 0; i < cuts.size(); i++) {
            if (cuts.get(i).path().equals(path)) {
                return cuts.get(i).table();
            }
        }
        SgTable table = Tables.direct(path, runs);
        if (table.segments().size() <= MOST_SEGMENTS) {
            cuts = Holdings.with(cuts.size() < MOST_CUTS ? cuts : List.of(), new Cut(path, table));
        }
        return table;
    }

    /** Returns its layout in words. */
    String layout() {
        return switch (allocation.knowledge()) {
            case MODEL -> count();
            case PAGEMAP -> count() + " (" + memory().source() + ")";
            case PROMISED -> "1 run of memory (" + memory().source() + " promises it)";
            case UNKNOWN -> "memory whose runs the kernel alone knows (" + memory().source() + ")";
        };
    }

    private String count() {
        return runs.size() == 1 ? "1 run of memory" : runs.size() + " runs of memory";
    }

    /** Returns whether its addresses are known. */
    boolean isPlaced() {
        return allocation.promise().isEmpty();
    }

    StorageSource source() {
        return new StorageSource(memory().source(), allocation.knowledge());
    }

    Memory memory() {
        return allocation.memory();
    }

    /** Returns what its owner is charged for it. */
    Charge charge() {
        return resources.charge();
    }

    /** Gives all of them back, also when one of them does not come back as it should; the last failure is thrown. */
    static void giveBack(Collection<Storage> storages) {
        giveBack(storages.iterator());
    }

    private static void giveBack(Iterator<Storage> rest) {
        while (rest.hasNext()) {
            boolean done = false;
            try {
                rest.next().giveBack();
                done = true;
            } finally {
                if (!done) {
                    giveBack(rest);
                }
            }
        }
    }

    /** Gives everything back, to the allocator first while it is there. */
    void giveBack() {
        resources.unclaim();
        try {
            allocator.release(allocation);
        } finally {
            resources.close();
        }
    }
}
