// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A device at the table: a member with the terms of each of its ways.
 *
 * @param member the device
 * @param ways the terms of its ways, in its order of preference
 */
record Seat(Member member, List<Terms> ways) {
    static Seat of(Member member, Surroundings surroundings) {
        if (member.isDirect()) {
            return new Seat(member, member.terms());
        }
        List<Terms> ways = new ArrayList<>(member.terms());
        for (int way = 0; way < ways.size(); way++) {
            ways.set(way, ways.get(way).behind(Terms.facts(member.paths().get(way), surroundings)));
        }
        return new Seat(member, ways);
    }

    String name() {
        return member.name();
    }

    /** Returns the fields that are not neutral on some way. */
    int stated() {
        int stated = 0;
        for (Terms way : ways) {
            stated |= way.stated();
        }
        return stated;
    }

    /** Returns this device with only one way: what all its ways have in common. */
    Seat shared() {
        return ways.size() == 1 ? this : new Seat(member, List.of(Terms.shared(ways)));
    }

    /** Returns whether it shares with nobody, whichever way it takes. */
    boolean isExclusive() {
        for (Terms way : ways) {
            if (!way.rest().isExclusive()) {
                return false;
            }
        }
        return true;
    }

    List<Stance> stances(Optional<Demand> demand) {
        if (ways.size() == 1) {
            return List.of(Stance.of(ways.getFirst(), demand));
        }
        List<Stance> stances = new ArrayList<>(ways.size());
        for (Terms way : ways) {
            stances.add(Stance.of(way, demand));
        }
        return stances;
    }
}
