// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** The storage that is out of sources, by memory: a compaction changes no memory. For any number of threads. */
final class SourceBooks {
    private final Set<Memory> out = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean served;
    private long used;
    private long highWater;
    private long failed;
    private long failedByFragmentation;

    /** Books storage of a source of the machine. */
    synchronized Allocation served(Allocation allocation) {
        served = true;
        return opened(allocation);
    }

    /** Books storage. */
    synchronized Allocation opened(Allocation allocation) {
        out.add(allocation.memory());
        used += allocation.byteSize();
        highWater = Math.max(highWater, used);
        return allocation;
    }

    /** Books storage as returned; false when it is none of the sources'. */
    synchronized boolean closed(Allocation allocation) {
        boolean own = out.remove(allocation.memory());
        used -= own ? allocation.byteSize() : 0;
        return own;
    }

    synchronized void failed(Throwable why) {
        failed++;
        failedByFragmentation +=
                why instanceof DmaBufException refusal && refusal.reason() == Reason.FRAGMENTED ? 1 : 0;
    }

    /** Returns whether a source of the machine has given storage since it was configured. */
    synchronized boolean hasServed() {
        return served;
    }

    /** Returns the figures of these books and of what the model still has out. */
    synchronized AllocatorStatistics statistics(AllocatorStatistics model, long free) {
        return new AllocatorStatistics(
                out.size() + model.live(),
                used + model.used(),
                free,
                free,
                Math.max(highWater, model.highWater()),
                failed,
                failedByFragmentation);
    }
}
