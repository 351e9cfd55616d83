// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.Reason;
import dmabuf.api.spi.Participant;

/** What an allocator answered when it was asked whether it serves a device. */
public sealed interface Answer {
    /** It serves the device. */
    record Accepted() implements Answer {}

    /**
     * It does not, and answers the same for good.
     *
     * @param reason NO_ALLOCATOR for a plain no
     * @param text the same in words, for example {@code "does not serve codec: does not match codec"}
     */
    record Declined(Reason reason, String text) implements Answer {
        /** Words it once for all decisions that it will be part of. */
        public Declined(Participant device, Reason reason, String why) {
            this(reason, no(device, why));
        }
    }

    /**
     * It did not answer, which counts as a no now; it is asked again the next time.
     *
     * @param reason NO_ALLOCATOR for one that threw, TIMED_OUT for one that hung
     * @param text the same in words, for example {@code "does not serve codec: match threw IllegalStateException: ..."}
     */
    record Failed(Reason reason, String text) implements Answer {
        /** Words it. */
        public Failed(Participant device, Reason reason, String why) {
            this(reason, no(device, why));
        }
    }

    private static String no(Participant device, String why) {
        return "does not serve " + device.device() + ": " + why;
    }
}
