// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.core.negotiation.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What lies on the shelf, and how much that is. What a thread put away last has a place of its own. When that thread takes it
 * from there, its room stays taken, for the next that it puts away is most likely the same: so a thread that goes round with one
 * piece of storage shares nothing with others. Room that nobody uses gives way before anything else does.
 *
 * <p>Guarded by the shelf's monitor, but for {@link #takeBack} and {@link #putBack}, which need none.
 */
final class Stock {
    private static final int LANES = 16;

    /** So far apart, no two places share a cache line. */
    private static final int STRIDE = 32;

    /** What threads left last: one place for each, or for few. */
    private final AtomicReferenceArray<@Nullable Place> lanes = new AtomicReferenceArray<>(LANES * STRIDE);

    /** What they left before, in that order. */
    private final List<Kept> pieces = new ArrayList<>(Shelf.MOST_PIECES + 1);

    private long byteSize;
    private int count;

    /** What counts in the place of a thread. */
    sealed interface Place permits Kept, Room {
        long byteSize();
    }

    /** Where something lay that its thread has taken. Compared by identity. */
    static final class Room implements Place {
        private final long byteSize;

        private Room(long byteSize) {
            this.byteSize = byteSize;
        }

        @Override
        public long byteSize() {
            return byteSize;
        }
    }

    private static int lane() {
        return (int) Thread.currentThread().threadId() % LANES * STRIDE;
    }

    /** Takes what lies in the calling thread's place, where it is the owner's own and answers the question; else null. */
    @Nullable Kept takeBack(Want want, Outcome.Agreed agreed, Presence presence) {
        int lane = lane();
        return lanes.get(lane) instanceof Kept piece
                        && piece.owner() == want.owner()
                        && piece.answers(want, agreed, presence)
                        && lanes.compareAndSet(lane, piece, new Room(piece.byteSize()))
                ? piece
                : null;
    }

    /** Puts something where the calling thread took as much; false, and nothing is changed, where there is no such room. */
    boolean putBack(Kept piece) {
        int lane = lane();
        return lanes.get(lane) instanceof Room room
                && room.byteSize() == piece.byteSize()
                && lanes.compareAndSet(lane, room, piece);
    }

    /** Adds something, in the calling thread's place; what is there moves on. */
    void add(Kept piece) {
        count(piece, 1);
        switch (lanes.getAndSet(lane(), piece)) {
            case null -> {}
            case Kept before -> pieces.add(before);
            case Room room -> count(room, -1);
        }
    }

    private void count(Place place, int sign) {
        byteSize += sign * place.byteSize();
        count += sign;
    }

    /** Takes out one that passes a test, of a thread's last ones first, then the youngest; null when there is none. */
    @Nullable Kept take(Predicate<Kept> test) {
        for (int lane = 0; lane < lanes.length(); lane += STRIDE) {
            if (lanes.get(lane) instanceof Kept last && test.test(last) && lanes.compareAndSet(lane, last, null)) {
                count(last, -1);
                return last;
            }
        }
        for (int index = pieces.size() - 1; index >= 0; index--) {
            Kept piece = pieces.get(index);
            if (test.test(piece)) {
                pieces.remove(index);
                count(piece, -1);
                return piece;
            }
        }
        return null;
    }

    /** Takes out all that pass a test. Nothing is lost when there is no room for the list: it is complete before a piece is taken out. */
    List<Kept> takeAll(Predicate<Kept> test) {
        forgetRooms();
        List<Kept> taken = all();
        taken.removeIf(test.negate());
        for (int index = taken.size() - 1; index >= 0; index--) {
            if (!remove(taken.get(index))) {
                taken.remove(index);
            }
        }
        return taken;
    }

    /** Takes out the oldest of what is more than a number of bytes, or than may be at all. */
    List<Kept> takeSurplus(long mostBytes) {
        if (fits(mostBytes)) {
            return List.of();
        }
        List<Kept> taken = new ArrayList<>(count);
        for (forgetRooms(); !fits(mostBytes); forgetRooms()) {
            Kept oldest = oldest();
            if (oldest != null && remove(oldest)) {
                taken.add(oldest);
            }
        }
        return taken;
    }

    private boolean fits(long mostBytes) {
        return count <= Shelf.MOST_PIECES && byteSize <= mostBytes;
    }

    /** Takes out one; false when it is not there any more, because its thread took it. */
    boolean remove(Kept piece) {
        boolean removed = pieces.remove(piece);
        for (int lane = 0; lane < lanes.length() && !removed; lane += STRIDE) {
            removed = lanes.compareAndSet(lane, piece, null);
        }
        if (removed) {
            count(piece, -1);
        }
        return removed;
    }

    private void forgetRooms() {
        for (int lane = 0; lane < lanes.length(); lane += STRIDE) {
            if (lanes.get(lane) instanceof Room room && lanes.compareAndSet(lane, room, null)) {
                count(room, -1);
            }
        }
    }

    /** Returns the one that lies here longest; null when there is none. */
    @Nullable Kept oldest() {
        Kept oldest = pieces.isEmpty() ? null : pieces.getFirst();
        for (int lane = 0; lane < lanes.length(); lane += STRIDE) {
            if (lanes.get(lane) instanceof Kept last && (oldest == null || last.since() - oldest.since() < 0)) {
                oldest = last;
            }
        }
        return oldest;
    }

    /** Returns whether nothing is here, nor any room kept free. */
    boolean isEmpty() {
        return count == 0;
    }

    List<Kept> all() {
        List<Kept> all = new ArrayList<>(pieces);
        for (int lane = 0; lane < lanes.length(); lane += STRIDE) {
            if (lanes.get(lane) instanceof Kept last) {
                all.add(last);
            }
        }
        return all;
    }
}
