// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Recycling;
import dmabuf.core.negotiation.Outcome;
import dmabuf.core.quota.Charge;
import dmabuf.core.quota.Payer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Storage that released buffers and moves left, and that lies ready for the next ones, the oldest first. It stays allocated, claimed and charged:
 * taking it again calls no allocator and no kernel. Its lock is held for moments and calls nothing; who waits for room
 * waits, too, until what was on its way back has arrived.
 */
final class Shelf {
    /** Each keeps a descriptor or more, of which a process has a thousand by default. */
    static final int MOST_PIECES = 256;

    private final Core core;

    /** Guarded by this, as far as it says, and all that follows altogether. */
    private final Stock stock = new Stock();

    private int onTheirWay;
    private long returns;
    private boolean watched;

    Shelf(Core core) {
        this.core = core;
    }

    /**
     * Keeps storage that a buffer has left which asked for that, where that may be; else gives it back.
     *
     * @param successor the charge of what took its place in a move: it borrows of this one, and from now on pays itself
     */
    void putAway(Buffer buffer, Storage storage, @Nullable Charge successor) {
        boolean done = false;
        try {
            Kept piece = piece(buffer, storage);
            done = piece != null && ((successor == null && putBack(piece)) || add(piece, successor));
        } finally {
            if (!done) {
                storage.giveBack();
            }
        }
    }

    private static @Nullable Kept piece(Buffer buffer, Storage storage) {
        Proof proof = storage.proof();
        return buffer.request().recycling() == Recycling.NONE || proof == null || !storage.memory().isVacant()
                ? null
                : new Kept(storage, proof, buffer.creator(), buffer.want().name(), System.nanoTime());
    }

    /** Without a lock: who leaves has left before it looks here, and this lies here before it is looked who has left, so one of both sees it. */
    private boolean putBack(Kept piece) {
        return stock.putBack(piece) && (mayStay(piece) || !remove(piece));
    }

    private synchronized boolean remove(Kept piece) {
        return stock.remove(piece);
    }

    private boolean add(Kept piece, @Nullable Charge successor) {
        boolean added = addUnderLock(piece, successor);
        if (added) {
            end(surplus());
        }
        return added;
    }

    /** Who leaves has left before this lock is taken for it, so nothing of it is added behind its back. */
    private synchronized boolean addUnderLock(Kept piece, @Nullable Charge successor) {
        if (!mayStay(piece) || (successor != null && !successor.repay())) {
            return false;
        }
        watch(core.settings().recycledIdle());
        stock.add(piece);
        return true;
    }

    private boolean mayStay(Kept piece) {
        return !core.isClosed() && isGood(piece) && piece.byteSize() <= core.settings().recycledBytes();
    }

    /** Returns whether a question may still come that it is the answer to. */
    private boolean isGood(Kept piece) {
        Proof proof = piece.proof();
        return !piece.owner().isGone()
                && piece.storage().charge().isCurrent()
                && piece.storage().allocator().id().equals(proof.agreed().candidates().getFirst())
                && !piece.storage().allocator().hasLeft()
                && proof.holdsIn(core.presence(false));
    }

    private synchronized List<Kept> surplus() {
        List<Kept> leaving = stock.takeSurplus(core.settings().recycledBytes());
        onTheirWay += leaving.size();
        return leaving;
    }

    /**
     * Takes storage that answers just this question, first that of the same owner, what this thread left last before all, which
     * is the likeliest to be in a cache; null when there is none.
     *
     * @param recycling what the buffer asks for
     */
    Backing.@Nullable Found take(Recycling recycling, Want want, Outcome.Agreed agreed, Presence presence) {
        if (recycling == Recycling.NONE || core.cap().isExceeded()) {
            return null;
        }
        Kept last = stock.takeBack(want, agreed, presence);
        Kept piece = last != null ? last : find(want, agreed, presence);
        return piece != null && handOver(piece, recycling, want)
                ? new Backing.Found(piece.storage(), piece.storage().again(piece.proof()))
                : null;
    }

    private synchronized @Nullable Kept find(Want want, Outcome.Agreed agreed, Presence presence) {
        Kept own = stock.take(piece -> piece.owner() == want.owner() && piece.answers(want, agreed, presence));
        return own != null ? own : stock.take(piece -> piece.answers(want, agreed, presence));
    }

    /** Makes storage the owner's; false when that was refused, and it went back: then an allocator is asked. */
    private boolean handOver(Kept piece, Recycling recycling, Want want) {
        boolean done = false;
        try {
            boolean other = piece.owner() != want.owner();
            if (other) {
                charge(piece, want.owner());
            }
            if ((other || recycling == Recycling.ZEROED) && !isOverwritten(piece, want)) {
                core.memory().zero(piece.storage().memory());
            }
            done = true;
            return true;
        } catch (DmaBufException _) {
            return false;
        } finally {
            if (!done) {
                giveBack(piece);
            }
        }
    }

    /** A move copies as many bytes there as the buffer has. */
    private static boolean isOverwritten(Kept piece, Want want) {
        return want.replaced().isPresent() && piece.byteSize() == want.demand().storageSize();
    }

    private void giveBack(Kept piece) {
        synchronized (this) {
            onTheirWay++;
        }
        end(List.of(piece));
    }

    /** From now on the new owner pays. What both count in counts it once, all the time. */
    private void charge(Kept piece, Owner owner) {
        Storage storage = piece.storage();
        Charge next = core.quotas().open(owner, storage.allocator().id(), Optional.of(storage.charge()));
        storage.resources().passTo(next);
    }

    /** Returns how often something was given back by now, for {@link #relieve}. */
    synchronized long returns() {
        return returns;
    }

    /**
     * Makes room for who was refused: first what its owner has here, or what is of the allocator, then everything.
     *
     * @param before the returns before the question that was refused
     * @return whether something came back since, so that asking again makes sense
     */
    boolean relieve(Owner owner, AllocatorEntry allocator, long before) {
        return giveBack(piece -> piece.owner() == owner || piece.isOf(allocator))
                || awaitReturns(before)
                || giveBack(_ -> true);
    }

    private synchronized boolean awaitReturns(long before) {
        long end = System.nanoTime() + Settings.nanos(core.settings().lockDeadline());
        try {
            while (onTheirWay > 0 && returns == before && end - System.nanoTime() > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return returns != before;
    }

    /** Gives back what an owner has here that left. */
    void leave(Owner owner) {
        giveBack(piece -> piece.owner() == owner);
    }

    /** Gives back what no question is answered with any more, because somebody came, left or changed. */
    void review() {
        giveBack(piece -> !isGood(piece));
    }

    /** Gives back everything. */
    void clear() {
        giveBack(_ -> true);
    }

    private boolean giveBack(Predicate<Kept> which) {
        List<Kept> leaving = takeOut(which);
        end(leaving);
        return !leaving.isEmpty();
    }

    private synchronized List<Kept> takeOut(Predicate<Kept> which) {
        List<Kept> leaving = stock.takeAll(which);
        onTheirWay += leaving.size();
        return leaving;
    }

    /** One that does not come back as it should keeps none of the others. */
    private void end(List<Kept> leaving) {
        for (Kept piece : leaving) {
            try {
                piece.storage().giveBack();
            } catch (RuntimeException | Error e) {
                core.journal().warn("kept storage of " + piece.owner().name() + " did not close as it should: " + e);
            } finally {
                returned();
            }
        }
    }

    private synchronized void returned() {
        onTheirWay--;
        returns++;
        notifyAll();
    }

    private void watch(Duration delay) {
        if (!watched) {
            core.deadlines().after(delay, this::look);
            watched = true;
        }
    }

    /** Looks for what was idle too long; giving it back may take its time, and all deadlines wait behind this. */
    private synchronized void look() {
        watched = false;
        if (stock.isEmpty()) {
            return;
        }
        long idle = Settings.nanos(core.settings().recycledIdle());
        Kept oldest = stock.oldest();
        long left = oldest == null ? 0 : idle - (System.nanoTime() - oldest.since());
        watch(Duration.ofNanos(left > 0 ? left : idle));
        if (left <= 0) {
            Thread.ofPlatform().daemon(true).name("dmabuf-shelf").start(() -> giveBack(piece -> System.nanoTime() - piece.since() >= idle));
        }
    }

    /** Returns how much of an owner lies here, in bytes by allocator. */
    synchronized Map<String, Long> byAllocator(Payer owner) {
        return byAllocator(piece -> piece.owner() == owner);
    }

    /** Returns how much lies here, in bytes by allocator. */
    synchronized Map<String, Long> byAllocator() {
        return byAllocator(_ -> true);
    }

    private Map<String, Long> byAllocator(Predicate<Kept> which) {
        return stock.all().stream()
                .filter(which)
                .collect(Collectors.groupingBy(
                        piece -> piece.storage().allocator().id(), Collectors.summingLong(Kept::byteSize)));
    }
}
