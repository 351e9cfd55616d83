// SPDX-License-Identifier: Apache-2.0
package trials.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.Set;
import trials.Row;

/**
 * Two operations on the same object at the same time, of which one ends what the other uses.
 *
 * @param close ends it
 * @param closeMay the documented reasons of its refusals
 * @param use uses it
 * @param useMay the documented reasons of its refusals
 * @param segmentMayDie whether a segment may be closed while it is used, which is an IllegalStateException
 * @param clean ends what is left
 */
record Contest(
        Runnable close, Set<Reason> closeMay, Runnable use, Set<Reason> useMay, boolean segmentMayDie, Runnable clean) {
    static Contest of(Runnable close, Runnable use, Runnable clean) {
        return new Contest(close, Set.of(), use, Set.of(Reason.GONE), false, clean);
    }

    Contest whereCloseMayBe(Reason reason) {
        return new Contest(close, Set.of(reason), use, useMay, segmentMayDie, clean);
    }

    Contest whereTheSegmentMayDie() {
        return new Contest(close, closeMay, use, useMay, true, clean);
    }

    /** Answers whether it was done; a refusal that is not documented is an error. */
    boolean tryClose() {
        return attempt(close, closeMay);
    }

    /** Answers whether it was done; a refusal that is not documented is an error. */
    boolean tryUse() {
        return attempt(use, useMay);
    }

    private boolean attempt(Runnable action, Set<Reason> may) {
        try {
            action.run();
            return true;
        } catch (DmaBufException e) {
            Row.check(may.contains(e.reason()), "not documented here: " + e);
            return false;
        } catch (IllegalStateException e) {
            if (!segmentMayDie) {
                throw e;
            }
            Thread.interrupted(); // The virtual machine may have set it: see CpuAccess.
            return false;
        }
    }
}
