// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Attempt;
import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import dmabuf.core.negotiation.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Gives a buffer its storage, and moves it. Everything here runs under the buffer's lock. */
final class Storing {
    private final Core core;

    /** Buffers whose storage drivers still work on, though it ought to move. */
    private final Set<Buffer> delayed = ConcurrentHashMap.newKeySet();

    Storing(Core core) {
        this.core = core;
    }

    /**
     * Storage that is ready for use.
     *
     * @param storage the storage
     * @param fresh whether this very call allocated it, so that it undoes that when it fails later on
     */
    record Ready(Storage storage, boolean fresh) {}

    /**
     * Returns the buffer's storage, and chooses, allocates and verifies it first when there is none; waits for expected
     * devices and, where the buffer was made to, for an allocator, as long as its patience, and for fences until they end.
     *
     * @param usage what the storage is used for, which tells the fences to wait for; empty for none
     * @param check refuses when the caller's handle is no longer good; asked again after every wait
     * @throws DmaBufException what the check says, NOT_READY, BUSY, the error of a fence, or the reasons of allocation
     */
    Ready ready(Buffer buffer, boolean trying, Optional<FenceUsage> usage, Runnable check) {
        check.run();
        if (!isFree(buffer, usage)) {
            return awaitReady(buffer, trying, usage, check);
        }
        if (buffer.phase() instanceof Phase.Backed(Storage storage, _)) {
            return usage.isEmpty() || DriverWait.isOver(storage, usage.get())
                    ? new Ready(storage, false)
                    : awaitReady(buffer, trying, usage, check);
        }
        return buffer.phase() instanceof Phase.Deferred && !buffer.request().waitsForAllocator()
                ? new Ready(first(buffer), true)
                : awaitReady(buffer, trying, usage, check);
    }

    /** Returns whether nobody is to be waited for but drivers: the way of nearly every call. */
    private static boolean isFree(Buffer buffer, Optional<FenceUsage> usage) {
        return !buffer.lock().isVacating() && buffer.laggards().isEmpty()
                && (usage.isEmpty() || !Fences.areAhead(buffer, usage.get()));
    }

    private Ready awaitReady(Buffer buffer, boolean trying, Optional<FenceUsage> usage, Runnable check) {
        FenceWait fences = new FenceWait(buffer, usage);
        DriverWait drivers = new DriverWait(buffer, usage);
        long end = patienceEnd(buffer);
        boolean over = trying;
        while (true) {
            check.run();
            buffer.lock().awaitNotVacating(trying, buffer);
            check.run();
            Optional<DmaBufException> hindrance = Optional.empty();
            List<String> laggards = buffer.laggards();
            if (laggards.isEmpty() && !fences.isOver()) {
                fences.await(trying);
                end = patienceEnd(buffer);
                continue;
            }
            if (laggards.isEmpty()) {
                switch (provide(buffer)) {
                    case Provision.Given(Ready ready) -> {
                        if (drivers.isOver(ready)) {
                            return ready;
                        }
                        drivers.await(ready.storage(), trying);
                        end = patienceEnd(buffer);
                        continue;
                    }
                    case Provision.Lacking(DmaBufException refusal) -> hindrance = Optional.of(refusal);
                }
            }
            if (over) {
                throw hindrance.orElseGet(() -> Readiness.notReady(buffer, laggards));
            }
            over = !buffer.lock().awaitChange(end);
        }
    }

    private static long patienceEnd(Buffer buffer) {
        return System.nanoTime() + Settings.nanos(buffer.request().patience());
    }

    /** What an attempt to provide storage comes to, when it is not refused for good. */
    private sealed interface Provision {
        record Given(Ready ready) implements Provision {}

        /** No allocator, for which the buffer waits. */
        record Lacking(DmaBufException refusal) implements Provision {}
    }

    private Provision provide(Buffer buffer) {
        return switch (buffer.phase()) {
            case Phase.Backed(Storage storage, _) -> new Provision.Given(new Ready(storage, false));
            case Phase.Released _ -> throw released(buffer);
            case Phase.Deferred _ -> {
                try {
                    yield new Provision.Given(new Ready(first(buffer), true));
                } catch (DmaBufException e) {
                    if (e.reason() != Reason.NO_ALLOCATOR || !buffer.request().waitsForAllocator()) {
                        throw e;
                    }
                    yield new Provision.Lacking(e);
                }
            }
        };
    }

    private Storage first(Buffer buffer) {
        return core.decide(buffer.request().waitsForAllocator(), presence -> {
            Outcome.Agreed agreed = agree(buffer, presence);
            Backing.Found found = find(buffer, buffer.want(), agreed, presence);
            buffer.members().agree(agreed);
            buffer.back(found.storage(), found.attempts());
            return found.storage();
        });
    }

    /**
     * Storage for all buffers of a set, and what it was chosen for.
     *
     * @param storages the storages, of one allocator, which are the caller's to give back
     * @param attempts what every allocator answered
     * @param agreed what the devices agreed on
     */
    record Several(List<Storage> storages, List<Attempt> attempts, Outcome.Agreed agreed) {}

    /** Chooses and allocates storage for all buffers that are made by a pattern, whose members take the ways agreed on. */
    Several several(Buffer pattern, int count) {
        return core.decide(pattern.request().waitsForAllocator(), presence -> {
            Outcome.Agreed agreed = agree(pattern, presence);
            Backing.Several found = core.backing().find(
                    count, pattern.want(), agreed, presence, entry -> core.compaction().run(entry, pattern));
            refuseLeft(found.storages());
            pattern.members().agree(agreed);
            return new Several(found.storages(), found.attempts(), agreed);
        });
    }

    /** Finds storage that lies ready, or else what an allocator gives. */
    private Backing.Found find(Buffer buffer, Want want, Outcome.Agreed agreed, Presence presence) {
        Backing.Found kept = core.shelf().take(buffer.request().recycling(), want, agreed, presence);
        Backing.Found found = kept != null
                ? kept
                : core.backing().find(want, agreed, presence, entry -> core.compaction().run(entry, buffer));
        refuseLeft(List.of(found.storage()));
        return found;
    }

    /** Gives storage back whose allocator is gone already: it would have to move at once. */
    private static void refuseLeft(List<Storage> storages) {
        AllocatorEntry allocator = storages.getFirst().allocator();
        if (allocator.hasLeft()) {
            Storage.giveBack(storages);
            throw new DmaBufException(
                    Reason.NO_ALLOCATOR, "allocator " + allocator.id() + " left while it answered");
        }
    }

    /** Negotiates for all members, each free to choose its way. */
    Outcome.Agreed agree(Buffer buffer, Presence presence) {
        return agreed(presence.negotiate(buffer.members().free(), buffer.want().demand()));
    }

    static Outcome.Agreed agreed(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Agreed agreed -> agreed;
            case Outcome.Refused(Explanation explanation) -> throw new DmaBufException(explanation);
        };
    }

    /** Moves storage that nothing holds to the best place for those who are members. */
    private void relocate(Buffer buffer, Storage old, Runnable lastCheck) {
        core.decide(false, presence -> {
            Outcome.Agreed agreed = agree(buffer, presence);
            relocate(buffer, old, agreed, presence, lastCheck, () -> buffer.members().agree(agreed));
            return agreed;
        });
    }

    /**
     * Moves storage that nothing holds to the best place for an agreement.
     *
     * @param lastCheck refuses just before the move is committed, when nothing can fail any more
     * @param commit commits what belongs to the move
     */
    void relocate(
            Buffer buffer, Storage old, Outcome.Agreed agreed, Presence presence, Runnable lastCheck, Runnable commit) {
        Backing.Found found = find(buffer, buffer.want().replacing(old), agreed, presence);
        try {
            DriverWait.refuseAtWork(buffer, old, FenceUsage.READ);
            Content.copy(core.memory(), old, found.storage(), buffer.want().demand().storageSize());
            lastCheck.run();
            buffer.back(found.storage(), found.attempts());
            commit.run();
        } finally {
            if (buffer.phase() instanceof Phase.Backed(Storage now, _) && now == found.storage()) {
                leave(buffer, old, found.storage());
            } else {
                found.storage().giveBack();
            }
        }
    }

    /** Keeps storage that the buffer has left, or gives it back. The move is done: trouble with the old place is no refusal of it. */
    private void leave(Buffer buffer, Storage old, Storage now) {
        try {
            core.shelf().putAway(buffer, old, now.charge());
        } catch (RuntimeException | Error e) {
            core.journal().warn("the storage that buffer " + buffer.want().name() + " moved away from did not close as it should: "
                    + e.getMessage());
        }
    }

    /** Moves the storage because somebody asked for it. */
    void move(Buffer buffer, Runnable check) {
        buffer.exclusively(false, () -> {
            check.run();
            core.vacating().vacate(buffer);
            check.run();
            switch (buffer.phase()) {
                case Phase.Deferred _ -> {}
                case Phase.Released _ -> throw released(buffer);
                case Phase.Backed(Storage storage, _) -> relocate(buffer, storage, check);
            }
            return buffer;
        });
    }

    /**
     * Moves storage whose allocator left; when nobody can take it, it stays as it is and is listed as orphaned. What drivers
     * work on moves when they have done: the kernel tells nobody, so it is looked at again.
     */
    void evacuate(Buffer buffer) {
        if (!(buffer.phase() instanceof Phase.Backed(Storage storage, boolean orphaned)) || !storage.allocator().hasLeft()) {
            return;
        }
        if (!buffer.isIdle()) {
            buffer.setOrphaned(storage, false);
            return;
        }
        try {
            DriverWait.refuseAtWork(buffer, storage, FenceUsage.WRITE);
            relocate(buffer, storage, () -> {});
        } catch (DmaBufException e) {
            if (e.reason() == Reason.BUSY) {
                evacuateLater(buffer);
            } else {
                stay(buffer, storage, orphaned, e);
            }
        } catch (OutOfMemoryError e) {
            stay(buffer, storage, orphaned, new DmaBufException(
                    Reason.OUT_OF_MEMORY, "buffer " + buffer.want().name() + " cannot move: " + e));
        }
    }

    private void stay(Buffer buffer, Storage storage, boolean orphaned, DmaBufException why) {
        buffer.remember(why);
        if (!orphaned) {
            buffer.setOrphaned(storage, true);
            core.chronicle().orphaned(buffer, storage, why.explanation());
        }
    }

    private void evacuateLater(Buffer buffer) {
        if (delayed.add(buffer)) {
            core.deadlines().after(
                    DriverWait.SLICE, () -> Sweep.later(core.journal(), List.of(buffer), this::evacuateAgain));
        }
    }

    private void evacuateAgain(Buffer buffer) {
        delayed.remove(buffer);
        evacuate(buffer);
    }

    static DmaBufException released(Buffer buffer) {
        return new DmaBufException(Reason.GONE, "buffer " + buffer.want().name() + " is released");
    }
}
