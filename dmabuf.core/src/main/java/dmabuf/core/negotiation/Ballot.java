// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AccessBits;
import dmabuf.api.Attempt;
import dmabuf.api.BufferFlags;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which allocators are candidates for a choice, and why the others are not; contract section 5.
 *
 * @param candidates the ids, in the order of selection
 * @param passedOver the answers of the others, in the order of selection
 * @param lasting whether no allocator failed to answer, so that asking again would change nothing
 */
record Ballot(List<String> candidates, List<Attempt> passedOver, boolean lasting) {
    private static final Set<String> COMMON_FLAGS =
            Set.of(BufferFlags.CACHED, BufferFlags.WRITE_COMBINE, BufferFlags.NO_CPU);

    private static final Answer YES = new Answer.Accepted();

    static Ballot of(
            List<Participant> devices, DmaConstraints constraints, Demand demand, Surroundings surroundings) {
        List<String> candidates = new ArrayList<>();
        List<Attempt> passedOver = new ArrayList<>();
        boolean lasting = true;
        for (Contender contender : surroundings.allocators()) {
            Optional<String> unsuited = unsuited(contender.spec(), constraints, demand, surroundings.accessBits());
            if (unsuited.isPresent()) {
                passedOver.add(attempt(contender, Reason.NO_ALLOCATOR, unsuited.get()));
                continue;
            }
            switch (ask(contender, devices)) {
                case Answer.Accepted _ -> candidates.add(contender.spec().id());
                case Answer.Declined(Reason reason, String text) -> passedOver.add(attempt(contender, reason, text));
                case Answer.Failed(Reason reason, String text) -> {
                    passedOver.add(attempt(contender, reason, text));
                    lasting = false;
                }
            }
        }
        return new Ballot(candidates, passedOver, lasting);
    }

    /** Tests what is known without calling the allocator; returns why it does not suit. */
    private static Optional<String> unsuited(
            AllocatorSpec spec, DmaConstraints constraints, Demand demand, AccessBits names) {
        if (constraints.pools().isPresent() && !permits(constraints.pools().get(), spec)) {
            return Optional.of(pool(spec, constraints.pools().get()));
        }
        if (spec.bit().isPresent() && (constraints.accessMask() >>> spec.bit().getAsInt() & 1) == 0) {
            return Optional.of(bit(spec.bit().getAsInt(), constraints, names));
        }
        if (constraints.isSecureRequired() && !spec.secure()) {
            return Optional.of("offers no secure memory");
        }
        if (constraints.isCoherentRequired() && !spec.coherent()) {
            return Optional.of("offers no coherent memory");
        }
        return demand.flags().isEmpty() ? Optional.empty() : flags(spec, demand);
    }

    private static boolean permits(Set<String> pools, AllocatorSpec spec) {
        return spec.pool().isPresent() && pools.contains(spec.pool().get());
    }

    private static String pool(AllocatorSpec spec, Set<String> permitted) {
        return spec.pool().map(pool -> "its pool " + pool + " is not").orElse("it has no pool, and none is")
                + " permitted: pools=" + String.join(",", permitted);
    }

    private static String bit(int bit, DmaConstraints constraints, AccessBits names) {
        return "its bit " + bit + names.name(bit).map(name -> " (" + name + ")").orElse("")
                + " is not in the access mask " + names.format(constraints.accessMask());
    }

    private static Optional<String> flags(AllocatorSpec spec, Demand demand) {
        return demand.flags().stream()
                .filter(flag -> !COMMON_FLAGS.contains(flag) && !spec.flags().contains(flag))
                .sorted()
                .findFirst()
                .map(flag -> "does not know the flag " + flag);
    }

    /** Returns the first answer that is no yes, or a yes. */
    private static Answer ask(Contender contender, List<Participant> devices) {
        for (Participant device : devices) {
            Answer answer = contender.match(device);
            if (!(answer instanceof Answer.Accepted)) {
                return answer;
            }
        }
        return YES;
    }

    private static Attempt attempt(Contender contender, Reason reason, String text) {
        return new Attempt(contender.spec().id(), false, Optional.of(reason), text);
    }
}
