// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/** What a device that attaches late, and that the storage does not suit, may cause. */
public enum LatePolicy {
    /** The storage moves when nothing holds it. */
    MOVE,
    /** The storage stays where it is: BUSY, and no compaction. */
    REFUSE
}
