// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Blame;
import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.FenceUsage;
import dmabuf.api.LatePolicy;
import dmabuf.api.Reason;
import java.util.List;

/** Makes those who keep a buffer's storage where it is let go of it. Everything here runs under the buffer's lock. */
final class Vacating {
    private final Core core;

    Vacating(Core core) {
        this.core = core;
    }

    /**
     * Makes every holder let go, if all of them are ready to; the lock is free while they are waited for.
     *
     * @throws DmaBufException BUSY when the creator forbade it, when a holder is not movable, or not in time
     */
    void vacate(Buffer buffer) {
        buffer.lock().awaitNotVacating(false, buffer);
        if (!(buffer.phase() instanceof Phase.Backed(Storage storage, _))) {
            return;
        }
        if (buffer.request().latePolicy() == LatePolicy.REFUSE) {
            throw busy(buffer, buffer.holders(), "its creator forbids moving");
        }
        List<Holder> fixed =
                buffer.holders().stream().filter(holder -> !holder.isMovable()).toList();
        if (!fixed.isEmpty()) {
            throw busy(buffer, fixed, "it is held");
        }
        DriverWait.refuseAtWork(buffer, storage, FenceUsage.WRITE);
        if (!buffer.isIdle()) {
            askAndWait(buffer);
        }
    }

    private void askAndWait(Buffer buffer) {
        buffer.lock().setVacating(true);
        try {
            buffer.holders().forEach(holder -> core.foreign().notify(holder::askToMove));
            long end = System.nanoTime() + core.settings().moveDeadline().toNanos();
            while (!buffer.isIdle()) {
                if (!buffer.lock().awaitChange(end) && !buffer.isIdle()) {
                    throw busy(buffer, buffer.holders(), "its holders did not let go in time");
                }
            }
        } finally {
            buffer.lock().setVacating(false);
        }
    }

    /** Returns the refusal of a move, with the holders that are in its way. */
    static DmaBufException busy(Buffer buffer, List<Holder> holders, String why) {
        List<Blame> blames = holders.stream()
                .flatMap(holder -> holder.device().stream())
                .map(Blame::of)
                .toList();
        List<String> words = holders.stream()
                .map(Holder::words)
                .distinct()
                .toList();
        String held = words.isEmpty() ? "" : "; held by " + String.join(", ", words);
        return new DmaBufException(Explanation.of(
                Reason.BUSY, "the storage of buffer " + buffer.want().name() + " cannot move: " + why + held, blames));
    }
}
