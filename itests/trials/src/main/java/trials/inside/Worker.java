// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Reason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** One thread that uses buffers, its own and those of others. A wrong byte or an undocumented error ends it, and is thrown. */
final class Worker {
    /** What may be refused while allocators come and go, devices attach late and others release their buffers. */
    private static final Set<Reason> DOCUMENTED = Set.of(
            Reason.BUSY, Reason.NO_ALLOCATOR, Reason.OUT_OF_MEMORY, Reason.FRAGMENTED, Reason.TIMED_OUT, Reason.GONE);

    private static final int KEPT = 4;

    private final Exporter exporter;
    private final Random random;
    private final Ledger ledger;
    private final BooleanSupplier stopped;
    private final Deque<Frame> kept = new ArrayDeque<>();

    Worker(Exporter exporter, Random random, Ledger ledger, BooleanSupplier stopped) {
        this.exporter = exporter;
        this.random = random;
        this.ledger = ledger;
        this.stopped = stopped;
    }

    /** Uses one buffer; false when the owner of all this has been stopped. */
    boolean goesOn() {
        try {
            frame();
            return !stopped.getAsBoolean();
        } catch (DmaBufException e) {
            if (!isGone()) {
                throw e;
            }
            return false;
        }
    }

    /** Uses one buffer; some are kept as they are for a while, mapped too. When the owner is stopped, all is left as it is. */
    private void frame() {
        long byteSize = random.nextInt(16) == 0 ? 1 + random.nextInt(40_000) : 1 + random.nextInt(5_000);
        Frame frame = new Frame(exporter.create(BufferRequest.ofSize(byteSize)), random, ledger);
        ledger.operation();
        for (int step = 40 + random.nextInt(60); step > 0 && !stopped.getAsBoolean(); step--) {
            attempt(random.nextInt(30) == 0 ? this::visit : frame::step);
        }
        if (!stopped.getAsBoolean()) {
            kept.add(frame);
            if (kept.size() > KEPT) {
                end(random.nextInt(4) == 0 ? kept.removeFirst() : kept.removeLast());
            }
            ledger.frame();
        }
    }

    /** Verifies and gives back what was kept. */
    void finish() {
        while (!kept.isEmpty()) end(kept.removeFirst());
    }

    private void end(Frame frame) {
        attempt(frame::verify);
        frame.end();
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
