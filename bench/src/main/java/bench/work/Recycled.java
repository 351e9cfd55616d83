// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.BufferRequest;
import dmabuf.api.Recycling;

/** Requests of buffers whose storage is kept when they are released. */
final class Recycled {
    private Recycled() {}

    /** Whoever gets it finds it zero. */
    static BufferRequest zeroed(long byteSize) {
        return BufferRequest.ofSize(byteSize).withRecycling(Recycling.ZEROED);
    }

    /** The same owner finds what was left there. */
    static BufferRequest uncleared(long byteSize) {
        return BufferRequest.ofSize(byteSize).withRecycling(Recycling.UNCLEARED);
    }
}
