// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;

/** The one error of a device tree that cannot be read: INVALID, with the place. */
final class BrokenTree {
    private BrokenTree() {}

    /** Returns the error for something at an offset of the blob, in bytes. */
    static DmaBufException at(long offset, String what) {
        return in(new Place.Offset(offset), what);
    }

    /** Returns the error for something at a place. */
    static DmaBufException in(Place place, String what) {
        return new DmaBufException(Reason.INVALID, "device tree: " + what + " (" + place + ")");
    }
}
