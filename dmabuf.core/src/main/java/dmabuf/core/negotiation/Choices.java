// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Every choice of one way for each device, in lexicographic order: the ways of the last device change fastest.
 * Without a device there is one choice, of nothing.
 */
final class Choices implements Iterator<Choices.Choice> {
    private final List<Seat> seats;
    private final List<List<Stance>> stances;
    private final int[] next;
    private boolean ended;

    /**
     * One choice.
     *
     * @param participants the devices, each with its way
     * @param stances the same as the tests see them
     */
    record Choice(List<Participant> participants, List<Stance> stances) {}

    Choices(List<Seat> seats, Optional<Demand> demand) {
        this.seats = seats;
        this.stances = new ArrayList<>(seats.size());
        for (Seat seat : seats) {
            stances.add(seat.stances(demand));
        }
        this.next = new int[seats.size()];
    }

    @Override
    public boolean hasNext() {
        return !ended;
    }

    @Override
    public Choice next() {
        if (ended) {
            throw new NoSuchElementException();
        }
        List<Participant> participants = new ArrayList<>(next.length);
        List<Stance> chosen = new ArrayList<>(next.length);
        for (int seat = 0; seat < next.length; seat++) {
            participants.add(seats.get(seat).member().participants().get(next[seat]));
            chosen.add(stances.get(seat).get(next[seat]));
        }
        advance();
        return new Choice(participants, chosen);
    }

    private void advance() {
        int seat = next.length - 1;
        while (seat >= 0 && ++next[seat] == stances.get(seat).size()) {
            next[seat--] = 0;
        }
        ended = seat < 0;
    }
}
