// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import java.util.List;
import java.util.Set;

/**
 * The decisions that were taken in one and the same surroundings. A decision depends on nothing but the members, the
 * demand and the surroundings, so the same question has the same answer, down to the object, as long as it is
 * remembered. What rests on an answer that an allocator failed to give is not: it is asked again.
 *
 * <p>Members are told apart by identity, and the same ones in another order are another question. How many decisions are
 * remembered is bounded. Usable by many threads at once; takes no lock.
 */
public final class Precedents {
    /** How many decisions are remembered at most, by few allocators. */
    static final int MOST = 1_024;

    /** With many allocators a decision holds as many reasons, so that fewer are remembered, but never less than this. */
    static final int LEAST = 64;

    /** A combination is asked for without a size. */
    private static final Demand ANY = Demand.of(1, 1, 1, Set.of());

    private final Surroundings surroundings;
    private final Recall<Outcome> outcomes;
    private final Recall<DmaConstraints> merged = new Recall<>(LEAST);

    /** What members combined to last, in a negotiation about some size. */
    private final Recall<DmaConstraints> combined = new Recall<>(LEAST);

    /** Starts with none; the surroundings must answer the same for good. */
    public Precedents(Surroundings surroundings) {
        this.surroundings = surroundings;
        int allocators = Math.max(1, surroundings.allocators().size());
        this.outcomes = new Recall<>(Math.clamp(Integer.highestOneBit(8 * MOST / allocators), LEAST, MOST));
    }

    /** Returns what {@link Negotiation#negotiate} decides, or has decided before. */
    public Outcome negotiate(List<Member> members, Demand demand) {
        Outcome known = outcomes.find(members, demand);
        return known != null ? known : decide(members, demand);
    }

    private Outcome decide(List<Member> members, Demand demand) {
        Talks talks = new Talks(members, demand, surroundings);
        Outcome outcome = sharing(members, talks.outcome());
        return talks.isLasting() ? outcomes.keep(members, demand, outcome) : outcome;
    }

    /** The same members combine to the same for nearly every size: each buffer keeps the combination, so it is one object. */
    private Outcome sharing(List<Member> members, Outcome outcome) {
        if (!(outcome instanceof Outcome.Agreed agreed)) {
            return outcome;
        }
        DmaConstraints known = combined.keep(members, ANY, agreed.constraints());
        return known.equals(agreed.constraints()) ? agreed.withConstraints(known) : agreed;
    }

    /**
     * Returns what {@link Negotiation#merge} returns, or has returned before.
     *
     * @throws DmaBufException as that does; a refusal is not remembered
     */
    public DmaConstraints merge(List<Member> members) {
        DmaConstraints known = merged.find(members, ANY);
        return known != null ? known : merged.keep(members, ANY, Negotiation.merge(members, surroundings));
    }
}
