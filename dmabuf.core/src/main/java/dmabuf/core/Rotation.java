// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferSet;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.SetBuffer;
import dmabuf.api.SetDevice;
import dmabuf.api.SetInfo;
import dmabuf.api.SetRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A set of buffers. Acquiring and releasing goes by the free list of the present generation; only who finds none free
 * takes the gate, which is held for moments. What changes the set runs under the lock of its pattern, see {@link Renewal}.
 */
final class Rotation implements BufferSet {
    private final Core core;
    private final Owner owner;
    private final SetRequest request;
    private final Renewal renewal;

    private final ReentrantLock gate = new ReentrantLock();
    private final Condition changed = gate.newCondition();
    private final AtomicInteger waiting = new AtomicInteger();
    private final List<Generation> draining = new CopyOnWriteArrayList<>();

    /** Written under the gate. */
    private volatile Generation current = Generation.NONE;

    private volatile boolean ended;

    Rotation(Core core, Owner owner, SetRequest request, BufferReference pattern) {
        this.core = core;
        this.owner = owner;
        this.request = request;
        this.renewal = new Renewal(this, pattern);
    }

    Core core() {
        return core;
    }

    Owner owner() {
        return owner;
    }

    SetRequest request() {
        return request;
    }

    Renewal renewal() {
        return renewal;
    }

    String name() {
        return renewal.pattern().want().name();
    }

    Generation current() {
        return current;
    }

    /** Refuses with GONE once the set, its owner or the core went. */
    void check() {
        core.check();
        owner.check();
        if (ended) {
            throw gone();
        }
    }

    private DmaBufException gone() {
        return new DmaBufException(Reason.GONE, "set " + name() + " is closed");
    }

    @Override
    public void attach(Collection<SetDevice> devices) {
        check();
        renewal.attach(List.copyOf(devices));
    }

    @Override
    public void detach(String device) {
        check();
        renewal.detach(device);
    }

    @Override
    public void prepare() {
        check();
        renewal.prepare();
    }

    @Override
    public SetBuffer acquire(Duration patience) {
        HeldSlot held = poll();
        return held == null ? await(Settings.nanos(patience)) : held;
    }

    @Override
    public Optional<SetBuffer> tryAcquire() {
        HeldSlot held = poll();
        if (held == null) {
            check();
        }
        return Optional.ofNullable(held);
    }

    /** Takes a free buffer of the present generation. One that became an old one in the same moment goes to be freed. */
    private @Nullable HeldSlot poll() {
        while (true) {
            Generation present = current;
            Slot slot = present.poll();
            if (current == present) {
                return slot == null ? null : new HeldSlot(this, present, slot, slot.take());
            }
            if (slot != null) {
                putBack(present, slot);
            }
        }
    }

    private SetBuffer await(long nanos) {
        long end = System.nanoTime() + nanos;
        check();
        renewal.prepare();
        gate.lock();
        waiting.incrementAndGet();
        try {
            while (true) {
                HeldSlot held = poll();
                if (held != null) {
                    return held;
                }
                check();
                if (!awaitChange(end)) {
                    throw busy();
                }
            }
        } finally {
            waiting.decrementAndGet();
            gate.unlock();
        }
    }

    /** Waits, with the gate open, until something may have changed; false when the time was over before. */
    @SuppressWarnings("WaitNotInLoop") // the loop is the caller's
    private boolean awaitChange(long end) {
        long left = end - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        try {
            changed.awaitNanos(left);
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private DmaBufException busy() {
        return new DmaBufException(
                Reason.BUSY, "all " + request.count() + " buffers of set " + name() + " are acquired");
    }

    /**
     * Puts a buffer back that was released, or taken of an old generation by mistake. Who releases and acquires in a loop gets the same one again and again, so devices that have left
     * the set leave it before, on the thread that may wait for that.
     */
    void putBack(Generation generation, Slot slot) {
        if (generation.isReleasing()) {
            core.sets().later(() -> {
                tidy(generation);
                free(generation, slot);
            });
        } else {
            free(generation, slot);
        }
    }

    private void free(Generation generation, Slot slot) {
        generation.push(slot);
        if (generation.isUntidy()) {
            core.sets().later(() -> tidy(generation));
        }
        if (waiting.get() > 0) { // read after the push: who waits has counted itself before it looks for one
            gate.lock();
            try {
                changed.signal();
            } finally {
                gate.unlock();
            }
        }
    }

    /** Does what is to be done in a generation; the last buffer of an old one takes it off the books. */
    void tidy(Generation generation) {
        generation.tidy(
                core.journal(), fence -> fence.completion().whenDone(() -> core.sets().later(() -> tidy(generation))));
        if (generation.living() == 0) {
            draining.remove(generation);
        }
    }

    /**
     * Puts a new generation in force; the old one drains.
     *
     * @throws DmaBufException GONE when the set ended meanwhile
     */
    void install(Generation next) {
        Generation before;
        gate.lock();
        try {
            if (ended) {
                throw gone();
            }
            before = swap(next);
        } finally {
            gate.unlock();
        }
        tidy(before);
    }

    private Generation swap(Generation next) {
        Generation before = current;
        if (!before.isEmpty()) {
            draining.add(before);
        }
        current = next;
        before.retire();
        changed.signalAll();
        return before;
    }

    /** Gives out no buffer any more; answers the generation that is to be freed, or none when that was done already. */
    Generation end() {
        gate.lock();
        try {
            if (ended) {
                return Generation.NONE;
            }
            ended = true;
            return swap(Generation.NONE);
        } finally {
            gate.unlock();
        }
    }

    @Override
    public SetInfo info() {
        Generation present = current;
        int taken = present.taken();
        return renewal.info(
                present, taken, draining.stream().mapToInt(Generation::living).sum());
    }

    @Override
    public void close() {
        if (!ended) {
            tidy(end());
            renewal.close();
        }
    }
}
