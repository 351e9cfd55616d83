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
        for (int seat = 0; seat < seats.size(); seat++) {
            known.add(new HashMap<>());
            for (ConstraintField field : Fields.list(Fields.withoutHarmless(seats.get(seat).stated()))) {
                entries.add(new Entry(seat, field));
            }
        }
    }

    /** Returns the smallest conflict: fewest entries, then by device name, then by field in table order. */
    List<Blame> smallest() {
        SmallestConflict search = new SmallestConflict(entries.size(), this::refuses, () -> work > maxWork);
        return search.find().stream().mapToObj(entries::get).map(this::blame).toList();
    }

    private Blame blame(Entry entry) {
        return Blame.of(seats.get(entry.seat).name(), entry.field);
    }

    /** Returns whether every choice is refused, also when only these entries are stated. */
    private boolean refuses(BitSet kept) {
        int[] fields = new int[seats.size()];
        kept.stream().mapToObj(entries::get).forEach(entry -> fields[entry.seat] |= Fields.bit(entry.field));
        List<List<Stance>> ways = new ArrayList<>();
        for (int seat = 0; seat < fields.length; seat++) {
            ways.add(stances(seat, fields[seat]));
        }
        return !isSomeChoicePossible(ways, new ArrayList<>(), DmaConstraints.NEUTRAL);
    }

    /** Returns the different stances of a device on its ways, without those that are refused alone. */
    private List<Stance> stances(int seat, int fields) {
        return known.get(seat).computeIfAbsent(fields, kept -> seats.get(seat).ways().stream()
                .map(terms -> terms.keeping(kept))
                .distinct()
                .map(terms -> Stance.of(terms, demand))
                .filter(stance -> stance.obstacle().isEmpty())
                .toList());
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
