// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferInfo;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Explanation;
import dmabuf.api.Reason;
import dmabuf.api.spi.AttachPolicy;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The attach policies that are present, in the order in which they are asked. */
final class Policies {
    private final ForeignCode foreign;
    private volatile List<Ranked> snapshot = List.of();

    private record Ranked(Party<AttachPolicy> party, int ranking) {}

    Policies(ForeignCode foreign) {
        this.foreign = foreign;
    }

    /** Adds a policy; a higher ranking is asked first, of equal ones the earlier. */
    synchronized Party<AttachPolicy> add(AttachPolicy policy, int ranking, String bundle) {
        Party<AttachPolicy> party = new Party<>("attach policy of " + bundle, policy);
        List<Ranked> more = new ArrayList<>(snapshot);
        more.add(new Ranked(party, ranking));
        more.sort(Comparator.comparingInt(Ranked::ranking).reversed());
        snapshot = List.copyOf(more);
        return party;
    }

    synchronized void remove(Party<AttachPolicy> party) {
        snapshot = snapshot.stream().filter(ranked -> ranked.party() != party).toList();
        party.leave();
    }

    boolean isEmpty() {
        return snapshot.isEmpty();
    }

    /**
     * Asks every policy about a newcomer.
     *
     * @return what they add, combined
     * @throws DmaBufException with the reason of a veto; ACCESS when a policy is broken, because who cannot be asked
     *     has not agreed; TIMED_OUT when it hangs
     */
    DmaConstraints judge(Participant device, BufferInfo buffer) {
        DmaConstraints narrowing = DmaConstraints.NEUTRAL;
        for (Ranked ranked : snapshot) {
            narrowing = narrowing.combine(judge(ranked.party(), device, buffer));
        }
        return narrowing;
    }

    private DmaConstraints judge(Party<AttachPolicy> party, Participant device, BufferInfo buffer) {
        return switch (foreign.ask(party, policy -> policy.judge(device, buffer))) {
            case Reply.Given<DmaConstraints>(DmaConstraints narrowing) -> narrowing;
            case Reply.Late<DmaConstraints>(String text) -> throw new DmaBufException(Reason.TIMED_OUT, text);
            case Reply.Thrown<DmaConstraints>(var refusal, _) when party.hasLeft() && refusal.isEmpty() ->
                DmaConstraints.NEUTRAL;
            case Reply.Thrown<DmaConstraints>(var refusal, String text) ->
                throw new DmaBufException(refusal.orElseGet(() -> Explanation.of(Reason.ACCESS, text)));
        };
    }
}
