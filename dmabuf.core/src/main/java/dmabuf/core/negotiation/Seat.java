// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

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
        return new Seat(
                member, member.paths().stream().map(path -> Terms.of(path, surroundings)).toList());
    }

    String name() {
        return member.name();
    }

    /** Returns the fields that are not neutral on some way. */
    int stated() {
        return ways.stream().mapToInt(Terms::stated).reduce(0, (a, b) -> a | b);
    }

    /** Returns this device with only one way: what all its ways have in common. */
    Seat shared() {
        return new Seat(member, List.of(Terms.shared(ways)));
    }

    List<Stance> stances(Optional<Demand> demand) {
        return ways.stream().map(terms -> Stance.of(terms, demand)).toList();
    }
}
