// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.Reason;

/** What an allocator answered when it was asked whether it serves a device. */
public sealed interface Answer {
    /** It serves the device. */
    record Accepted() implements Answer {}

    /**
     * It does not.
     *
     * @param reason NO_ALLOCATOR for a plain no, TIMED_OUT for one that hung
     * @param text why, in words, for example {@code "match threw IllegalStateException: ..."}
     */
    record Declined(Reason reason, String text) implements Answer {}
}
