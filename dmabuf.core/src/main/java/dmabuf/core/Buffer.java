// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Attempt;
import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBufException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A buffer: its members, its storage, and who holds it. All of it changes under the buffer's own lock, by the methods
 * here and nowhere else; values are immutable and replaced, so that a picture can be taken without the lock.
 */
final class Buffer {
    private static final VarHandle PHASE = Unfenced.field(MethodHandles.lookup(), "phase", Phase.class);
    private static final VarHandle PAST = Unfenced.field(MethodHandles.lookup(), "past", Past.class);

    private final Core core;
    private final long id;
    private final BufferRequest request;
    private final Want want;
    private final BufferLock lock = new BufferLock();
    private final Membership members = new Membership();
    private final Expectation expectation;
    private final Holdings holdings = new Holdings();
    private volatile @Nullable Phase phase; // null for deferred
    private volatile @Nullable Past past; // null for none
    private @Nullable Buffer next;

    Buffer(Core core, long id, BufferRequest request, Want want) {
        this.core = core;
        this.id = id;
        this.request = request;
        this.want = want;
        this.expectation = Expectation.of(request);
    }

    Core core() {
        return core;
    }

    long id() {
        return id;
    }

    BufferRequest request() {
        return request;
    }

    Want want() {
        return want;
    }

    Owner creator() {
        return want.owner();
    }

    BufferLock lock() {
        return lock;
    }

    Phase phase() {
        Phase now = phase;
        return now == null ? Phase.DEFERRED : now;
    }

    List<BufferReference> references() {
        return holdings.references();
    }

    Membership members() {
        return members;
    }

    Expectation expectation() {
        return expectation;
    }

    List<Holder> holders() {
        return holdings.holders();
    }

    Past past() {
        Past known = past;
        return known == null ? Past.NONE : known;
    }

    /** Returns the next one in its place of the {@link BufferTable}, which alone asks for it and sets it. */
    @Nullable Buffer next() {
        return next;
    }

    void chain(@Nullable Buffer other) {
        next = other;
    }

    boolean isIdle() {
        return holdings.isIdle();
    }

    /** Returns how long a call waits for another one on this buffer, in nanoseconds. */
    long patience() {
        return Math.max(Settings.nanos(request.patience()), Settings.nanos(core.settings().lockDeadline()));
    }

    /**
     * Runs an action under the lock, and remembers its refusal.
     *
     * @throws DmaBufException BUSY for a try when the lock is taken; TIMED_OUT when it stays so past the deadline
     */
    <T> T exclusively(boolean trying, Supplier<T> action) {
        lock.enter(trying, this);
        try {
            return action.get();
        } catch (DmaBufException e) {
            throw refused(e);
        } finally {
            leave();
        }
    }

    /** Runs an action that gives something up, under the lock, and draws the conclusions, also when it fails. */
    void giveUp(Runnable action) {
        lock.enter();
        try {
            action.run();
        } finally {
            settleAndLeave();
        }
    }

    /** Draws the conclusions, and gives the lock back in any case. */
    void settleAndLeave() {
        try {
            settle();
        } finally {
            lock.signal();
            leave();
        }
    }

    /** Gives the lock back. Whoever leaves a buffer of a closed core takes it down: the core did not wait for it. */
    void leave() {
        try {
            if (core.isClosed()) {
                takeDown();
            }
        } finally {
            lock.leave();
        }
    }

    /** Remembers the refusal of a call, and tells of it. */
    DmaBufException refused(DmaBufException refusal) {
        remember(refusal);
        core.chronicle().refused(this, refusal);
        return refusal;
    }

    void remember(DmaBufException refusal) {
        PAST.setRelease(this, past().refused(refusal.explanation()));
    }

    void addReference(BufferReference reference) {
        holdings.add(reference);
    }

    void dropReference(BufferReference reference) {
        holdings.drop(reference);
    }

    void hold(Holder holder) {
        try {
            holdings.add(holder);
            core.chronicle().held(this, holder);
        } catch (RuntimeException | Error e) {
            end(holder); // Nobody else would.
            throw e;
        }
    }

    void letGo(Holder holder) {
        if (holdings.drop(holder)) {
            core.chronicle().letGo(this, holder);
        }
    }

    void withdrawExpected() {
        expectation.withdraw();
        lock.signal();
    }

    /** Commits storage: the first, or in the place of another one, which is the caller's to give back. */
    void back(Storage storage, List<Attempt> decision) {
        PAST.setRelease(this, past().decided(decision));
        if (phase instanceof Phase.Backed) {
            relocate(storage);
        } else {
            PHASE.setRelease(this, new Phase.Backed(storage, false));
            core.chronicle().allocated(this, storage);
        }
    }

    /** Goes back to no storage, when the very call that allocated it failed later on. */
    void unback(Storage storage) {
        PHASE.setRelease(this, Phase.DEFERRED);
        core.chronicle().returned(this, storage);
        storage.giveBack();
    }

    /** Commits that the storage lies in another place now. */
    void relocate(Storage storage) {
        if (phase instanceof Phase.Backed(Storage before, _)) {
            PAST.setRelease(this, past().moved());
            PHASE.setRelease(this, new Phase.Backed(storage, false));
            core.chronicle().moved(this, before, storage);
        }
    }

    void setOrphaned(Storage storage, boolean orphaned) {
        PHASE.setRelease(this, new Phase.Backed(storage, orphaned));
    }

    /** Draws the conclusions after something was given up: the buffer may be unused now, or its storage free to move. */
    void settle() {
        holdings.prune();
        if (!isUsed()) {
            release();
        }
        if (phase instanceof Phase.Backed(Storage storage, boolean orphaned)
                && !orphaned && storage.hasLostAllocator() && isIdle()) {
            core.storing().evacuate(this);
        }
    }

    boolean isUsed() {
        return holdings.keepBuffer() || !members.isEmpty();
    }

    private void release() {
        Phase before = phase();
        PHASE.setRelease(this, Phase.RELEASED);
        expectation.unwatch();
        try {
            if (before instanceof Phase.Backed(Storage storage, _)) {
                core.shelf().putAway(this, storage, null);
            }
        } finally {
            core.forget(this); // last: who closes the core finds it, and waits until its memory is back
        }
        if (!(before instanceof Phase.Released)) {
            core.chronicle().released(this);
        }
    }

    /** Ends what a leaving owner opened, and what it was charged for storage that others use on; the caller settles. */
    void reclaim(Owner owner) {
        holders().forEach(holder -> holder.forget(owner));
        holders().stream().filter(holder -> holder.owner() == owner).forEach(this::end);
        references().stream().filter(reference -> reference.owner() == owner).forEach(this::dropReference);
        core.attaching().remove(this, members.attachments().stream().filter(member -> member.owner() == owner).toList());
        if (creator() == owner && isUsed() && phase instanceof Phase.Backed(Storage storage, _)) {
            storage.charge().waive();
        }
    }

    /** Ends one holder by force; one that does not end as it should keeps nothing, and none of the others. */
    void end(Holder holder) {
        try {
            holder.end();
        } catch (RuntimeException | Error e) {
            core.journal().warn("what " + holder.owner().name() + " held of buffer " + want.name()
                    + " did not end as it should: " + e.getMessage());
        } finally {
            letGo(holder);
        }
    }

    /** Ends everything, because the core goes. */
    void takeDown() {
        holders().forEach(this::end);
        members.attachments().forEach(DeviceAttachment::leave);
        members.remove(members.attachments());
        references().forEach(this::dropReference);
        release();
        lock.signal();
    }

    /** Returns the expected devices that have not attached, by their full name where it is known. */
    List<String> laggards() {
        return expectation.isEmpty() ? List.of() : expectation.missing(core.devices().snapshot(), members);
    }
}
