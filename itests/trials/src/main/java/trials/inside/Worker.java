// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** One thread that uses buffers, its own and those of others. A wrong byte or an undocumented error ends it, and is thrown. */
final class Worker {
    /** What may be refused while allocators come and go, devices attach late and others release their buffers. */
    private static final Set<Reason> DOCUMENTED = Set.of(
            Reason.BUSY, Reason.NO_ALLOCATOR, Reason.OUT_OF_MEMORY, Reason.FRAGMENTED, Reason.TIMED_OUT, Reason.GONE);

    private final Exporter exporter;
    private final Random random;
    private final Ledger ledger;

    Worker(Exporter exporter, Random random, Ledger ledger) {
        this.exporter = exporter;
        this.random = random;
        this.ledger = ledger;
    }

    /** Uses one buffer; false when the owner of all this has been stopped. */
    boolean goesOn() {
        try {
            frame();
            return true;
        } catch (DmaBufException e) {
            if (!isGone()) {
                throw e;
            }
            return false;
        }
    }

    /** Uses one buffer from its creation to its end. */
    private void frame() {
        long byteSize = random.nextInt(16) == 0 ? 1 + random.nextInt(40_000) : 1 + random.nextInt(5_000);
        try (DmaBuf buffer = exporter.create(BufferRequest.ofSize(byteSize))) {
            Frame frame = new Frame(buffer, random, ledger);
            try {
                for (int step = 40 + random.nextInt(60); step > 0; step--) {
                    attempt(random.nextInt(30) == 0 ? this::visit : frame::step);
                }
            } finally {
                frame.end();
            }
            ledger.operation();
        }
        ledger.operation();
        ledger.frame();
    }

    /** Looks into a buffer of somebody else. */
    private void visit() {
        List<Map.Entry<Long, Long>> known = ledger.published.entrySet().stream().skip(random.nextInt(8)).limit(1).toList();
        for (Map.Entry<Long, Long> other : known) {
            try (DmaBuf buffer = exporter.open(other.getKey())) {
                ledger.operation();
                Pattern.verify(buffer, other.getValue());
                ledger.operation();
            }
            ledger.operation();
        }
    }

    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (DmaBufException e) {
            if (!DOCUMENTED.contains(e.reason())) {
                throw e;
            }
            ledger.refused(e.reason());
        }
    }

    private boolean isGone() {
        try {
            exporter.accessBits();
            return false;
        } catch (DmaBufException e) {
            return e.reason() == Reason.GONE;
        }
    }
}
