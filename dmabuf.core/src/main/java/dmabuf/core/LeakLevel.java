// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;

/** What is recorded of each thing that is opened. */
enum LeakLevel {
    /** Nothing: not even the clock is read. */
    OFF,
    /** When. */
    SIMPLE,
    /** When, and where in the caller's code: some microseconds each. */
    FULL;

    static LeakLevel parse(String text) {
        return switch (text) {
            case "off" -> OFF;
            case "simple" -> SIMPLE;
            case "full" -> FULL;
            default -> throw new DmaBufException(Reason.INVALID, "write off, simple or full");
        };
    }
}
