// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Participant;

/** A registered allocator as a negotiation sees it. */
public interface Contender {
    /** Returns what it states without being called. */
    AllocatorSpec spec();

    /** Asks, or remembers, whether it serves a device; foreign code behind it is the caller's to guard. */
    Answer match(Participant device);
}
