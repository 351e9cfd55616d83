// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SegmentLimits;
import dmabuf.core.negotiation.Outcome;
import java.util.List;
import java.util.Set;

/** One request to one allocator. What it gives out is the resources' to take back. */
final class Question implements AllocationRequest {
    private final Want want;
    private final Outcome.Agreed agreed;
    private final Resources resources;
    private volatile boolean over;

    Question(Want want, Outcome.Agreed agreed, Resources resources) {
        this.want = want;
        this.agreed = agreed;
        this.resources = resources;
    }

    /** Ends the request: an allocator that keeps it gets nothing more from it. */
    void end() {
        over = true;
    }

    @Override
    public long byteSize() {
        return want.demand().byteSize();
    }

    @Override
    public long storageSize() {
        return want.demand().storageSize();
    }

    @Override
    public long pageSize() {
        return want.demand().pageSize();
    }

    @Override
    public long alignment() {
        return want.demand().alignment();
    }

    @Override
    public Set<String> flags() {
        return want.demand().flags();
    }

    @Override
    public String name() {
        return want.name();
    }

    @Override
    public List<Participant> devices() {
        return agreed.participants();
    }

    @Override
    public DmaConstraints constraints() {
        return agreed.constraints();
    }

    @Override
    public List<SegmentLimits> limits() {
        return agreed.limits();
    }

    @Override
    public Memory memory(long byteSize) {
        return memory(MemorySource.MEMFD, byteSize);
    }

    @Override
    public Memory memory(MemorySource source, long byteSize) {
        checkOpen();
        return resources.obtain(source, byteSize, want.name());
    }

    @Override
    public boolean claim(AddressRange addresses) {
        checkOpen();
        return resources.claim(addresses);
    }

    private void checkOpen() {
        if (over) {
            throw new DmaBufException(Reason.GONE, "the request for " + want.name() + " is over");
        }
    }
}
