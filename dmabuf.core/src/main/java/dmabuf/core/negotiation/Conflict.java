// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.Blame;
import dmabuf.api.ConstraintField;
import dmabuf.api.DmaConstraints;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A set of devices of which every choice of ways is incompatible, and the search for the fewest fields that suffice for
 * that: with all other fields neutral, on all ways, still every choice is refused.
 */
final class Conflict {
    /** Combinations of two devices' constraints after which the answer need no longer be the smallest. */
    private static final int MAX_WORK = 2_000_000;

    /** What a search for a common place costs, compared with combining. */
    private static final int WORK_OF_PLACING = 20;

    private final List<Seat> seats;
    private final Compatibility compatibility;
    private final Optional<Demand> demand;
    private final int[] stated;
    private final List<Map<Integer, List<Stance>>> known = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private final int maxWork;
    private int work;

    private record Entry(int seat, ConstraintField field) {}

    /**
     * Prepares a search.
     *
     * @param seats the devices, by name
     */
    Conflict(List<Seat> seats, Optional<Demand> demand) {
        this(seats, demand, MAX_WORK);
    }

    Conflict(List<Seat> seats, Optional<Demand> demand, int maxWork) {
        this.maxWork = maxWork;
        this.seats = seats;
        this.demand = demand;
        this.compatibility = new Compatibility(demand);
        this.stated = new int[seats.size()];
        for (int seat = 0; seat < stated.length; seat++) {
            known.add(new HashMap<>());
            stated[seat] = Fields.withoutHarmless(seats.get(seat).stated());
            for (ConstraintField field : Fields.IN_ORDER) {
                if (Fields.has(stated[seat], field)) {
                    entries.add(new Entry(seat, field));
                }
            }
        }
    }

    /** Returns the smallest conflict: fewest entries, then by device name, then by field in table order. */
    List<Blame> smallest() {
        List<Entry> found = ofOneOrTwo();
        if (found.isEmpty()) {
            SmallestConflict search = new SmallestConflict(entries.size(), this::refuses, this::isExhausted);
            found = search.find().stream().mapToObj(entries::get).toList();
        }
        List<Blame> blames = new ArrayList<>(found.size());
        for (Entry entry : found) {
            blames.add(Blame.of(seats.get(entry.seat).name(), entry.field));
        }
        return blames;
    }

    private boolean isExhausted() {
        return work > maxWork;
    }

    /**
     * Most conflicts are one of two fields, and most pairs of devices do not conflict with all that they state, so that no
     * pair of their fields does: what is left is tried in order. Returns nothing when the conflict is larger.
     */
    private List<Entry> ofOneOrTwo() {
        boolean[][] conflicting = conflictingSeats();
        for (Entry one : entries) {
            if (conflicting[one.seat][one.seat] && refuses(one, one)) {
                return List.of(one);
            }
        }
        for (int i = 0; i < entries.size(); i++) {
            Entry one = entries.get(i);
            for (Entry other : entries.subList(i + 1, entries.size())) {
                if (conflicting[one.seat][other.seat] && refuses(one, other)) {
                    return List.of(one, other);
                }
            }
        }
        return List.of();
    }

    /** Returns which two devices conflict with all that they state, and which one by itself. */
    private boolean[][] conflictingSeats() {
        boolean[][] conflicting = new boolean[stated.length][stated.length];
        for (int one = 0; one < stated.length && !isExhausted(); one++) {
            for (int other = one; other < stated.length; other++) {
                int[] kept = new int[stated.length];
                kept[one] = stated[one];
                kept[other] = stated[other];
                conflicting[one][other] = refuses(kept);
            }
        }
        return conflicting;
    }

    private boolean refuses(Entry one, Entry other) {
        if (isExhausted()) {
            return false;
        }
        int[] kept = new int[stated.length];
        kept[one.seat] |= Fields.bit(one.field);
        kept[other.seat] |= Fields.bit(other.field);
        return refuses(kept);
    }

    private boolean refuses(BitSet entry) {
        int[] kept = new int[stated.length];
        entry.stream().mapToObj(entries::get).forEach(one -> kept[one.seat] |= Fields.bit(one.field));
        return refuses(kept);
    }

    /** Returns whether every choice is refused, also when only these fields are stated. Who states nothing is in no one's way. */
    private boolean refuses(int[] kept) {
        List<List<Stance>> ways = new ArrayList<>(kept.length);
        for (int seat = 0; seat < kept.length; seat++) {
            if (kept[seat] != 0) {
                ways.add(stances(seat, kept[seat]));
            }
        }
        return !isSomeChoicePossible(ways, new ArrayList<>(ways.size()), DmaConstraints.NEUTRAL);
    }

    /** Returns the different stances of a device on its ways, without those that are refused alone. */
    private List<Stance> stances(int seat, int fields) {
        return known.get(seat).computeIfAbsent(fields, kept -> passable(seat, kept));
    }

    private List<Stance> passable(int seat, int kept) {
        List<Terms> ways = seats.get(seat).ways();
        List<Stance> passable = new ArrayList<>(ways.size());
        for (Terms way : ways) {
            Stance stance = Stance.of(kept == stated[seat] ? way : way.keeping(kept), demand);
            if (stance.obstacle().isEmpty() && !passable.contains(stance)) {
                passable.add(stance);
            }
        }
        return passable;
    }

    private boolean isSomeChoicePossible(List<List<Stance>> ways, List<Stance> chosen, DmaConstraints all) {
        if (chosen.size() == ways.size()) {
            work += WORK_OF_PLACING;
            return compatibility.isPlaceable(chosen, all);
        }
        for (Stance stance : ways.get(chosen.size())) {
            work++;
            Optional<DmaConstraints> more = compatibility.add(all, stance);
            if (more.isPresent()) {
                chosen.add(stance);
                if (isSomeChoicePossible(ways, chosen, more.get())) {
                    return true;
                }
                chosen.removeLast();
            }
        }
        return false;
    }
}
