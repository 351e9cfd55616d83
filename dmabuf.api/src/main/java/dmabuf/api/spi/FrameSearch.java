// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.Segment;
import java.util.ArrayList;
import java.util.List;

/** Hands out given page frames in their order, for {@link ScatteredRam}; one that a device cannot reach is left out. */
final class FrameSearch {
    private FrameSearch() {}

    /** Returns frames for a request, claimed, or fewer bytes than asked when no more are to be had. */
    static ChunkSearch.Found run(List<AddressRange> frames, FreeSpace free, AllocationRequest request) {
        List<Segment> found = new ArrayList<>();
        long heldByOthers = 0;
        long missing = request.storageSize();
        for (AddressRange frame : frames) {
            if (missing <= 0) {
                break;
            }
            boolean usable = free.isFree(frame) && request.constraints().addressRanges().contains(frame);
            if (usable && request.claim(frame)) {
                found.add(new Segment(frame.first(), frame.byteSize()));
                missing -= frame.byteSize();
            } else if (usable) {
                heldByOthers += frame.byteSize();
            }
        }
        return new ChunkSearch.Found(found, heldByOthers);
    }
}
