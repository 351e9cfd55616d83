// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What was answered to questions, in a table of fixed size. A question has its place and a few behind it; when all of them
 * are taken, it takes that of another one, which is forgotten. Members are compared by identity and in order, demands by
 * value. Usable by many threads at once; takes no lock.
 */
final class Recall<V> {
    /** How many places a question has. */
    private static final int REACH = 8;

    private final AtomicReferenceArray<@Nullable Known<V>> places;

    @SuppressWarnings("ReferenceEquality") // a device that left and came back is another one
    private record Known<V>(int hash, List<Member> members, Demand demand, V answer) {
        boolean isOf(int otherHash, List<Member> others, Demand other) {
            if (hash != otherHash || members.size() != others.size() || !demand.equals(other)) {
                return false;
            }
            for (int i = 0; i < members.size(); i++) {
                if (members.get(i) != others.get(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Makes an empty table.
     *
     * @param size how many answers it holds at most, a power of two
     */
    Recall(int size) {
        this.places = new AtomicReferenceArray<>(size);
    }

    @Nullable V find(List<Member> members, Demand demand) {
        int hash = hash(members, demand);
        for (int step = 0; step < REACH; step++) {
            Known<V> known = places.get(place(hash, step));
            if (known == null) {
                return null;
            }
            if (known.isOf(hash, members, demand)) {
                return known.answer();
            }
        }
        return null;
    }

    /** Keeps an answer; returns the one that somebody else gave meanwhile, if so: all are told the same object. */
    V keep(List<Member> members, Demand demand, V answer) {
        int hash = hash(members, demand);
        Known<V> mine = new Known<>(hash, List.copyOf(members), demand, answer);
        for (int step = 0; step < REACH; step++) {
            Known<V> other = places.compareAndExchange(place(hash, step), null, mine);
            if (other == null) {
                return answer;
            }
            if (other.isOf(hash, members, demand)) {
                return other.answer();
            }
        }
        places.set(place(hash, hash >>> 8 & REACH - 1), mine);
        return answer;
    }

    private int place(int hash, int step) {
        return hash + step & places.length() - 1;
    }

    private static int hash(List<Member> members, Demand demand) {
        int hash = Long.hashCode(demand.byteSize() * 31 + demand.alignment());
        for (int i = 0; i < members.size(); i++) {
            hash = 31 * hash + System.identityHashCode(members.get(i));
        }
        return hash ^ hash >>> 16;
    }
}
