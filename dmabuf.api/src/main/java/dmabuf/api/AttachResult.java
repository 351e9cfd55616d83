// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.List;

/**
 * What came of an attach with optional devices.
 *
 * @param attachments the new members: the required devices in the order in which they were named, then the optional
 *     ones that joined, in theirs
 * @param leftOut the optional ones that did not, in the order in which they were named
 */
public record AttachResult(List<Attachment> attachments, List<LeftOut> leftOut) {
    /** Copies the lists. */
    public AttachResult {
        attachments = List.copyOf(attachments);
        leftOut = List.copyOf(leftOut);
    }
}
