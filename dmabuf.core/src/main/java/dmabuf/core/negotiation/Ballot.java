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

    static Ballot of(
            List<Participant> devices, DmaConstraints constraints, Demand demand, Surroundings surroundings) {
        List<String> candidates = new ArrayList<>();
        List<Attempt> passedOver = new ArrayList<>();
        boolean lasting = true;
        for (Contender contender : surroundings.allocators()) {
            Optional<String> unsuited = suits(contender.spec(), constraints, demand, surroundings.accessBits());
            if (unsuited.isPresent()) {
                passedOver.add(attempt(contender, Reason.NO_ALLOCATOR, unsuited.get()));
                continue;
            }
            Verdict verdict = ask(contender, devices);
            lasting &= verdict.lasting();
            verdict.objection().ifPresentOrElse(passedOver::add, () -> candidates.add(contender.spec().id()));
        }
        return new Ballot(candidates, passedOver, lasting);
    }

    /** What an allocator said to all devices: the first objection, and whether it would say so again. */
    private record Verdict(Optional<Attempt> objection, boolean lasting) {
        static final Verdict YES = new Verdict(Optional.empty(), true);
    }

    /** Tests what is known without calling the allocator; returns why it does not suit. */
    private static Optional<String> suits(
            AllocatorSpec spec, DmaConstraints constraints, Demand demand, AccessBits names) {
        return pool(spec, constraints)
                .or(() -> bit(spec, constraints, names))
                .or(() -> lacking(constraints.isSecureRequired() && !spec.secure(), "offers no secure memory"))
                .or(() -> lacking(constraints.isCoherentRequired() && !spec.coherent(), "offers no coherent memory"))
                .or(() -> flags(spec, demand));
    }

    private static Optional<String> pool(AllocatorSpec spec, DmaConstraints constraints) {
        return constraints.pools()
                .filter(permitted -> spec.pool().filter(permitted::contains).isEmpty())
                .map(permitted -> spec.pool().map(pool -> "its pool " + pool + " is not")
                        .orElse("it has no pool, and none is") + " permitted: pools=" + String.join(",", permitted));
    }

    private static Optional<String> bit(AllocatorSpec spec, DmaConstraints constraints, AccessBits names) {
        if (spec.bit().isEmpty() || (constraints.accessMask() >>> spec.bit().getAsInt() & 1) != 0) {
            return Optional.empty();
        }
        int bit = spec.bit().getAsInt();
        return Optional.of("its bit " + bit + names.name(bit).map(name -> " (" + name + ")").orElse("")
                + " is not in the access mask " + names.format(constraints.accessMask()));
    }

    private static Optional<String> flags(AllocatorSpec spec, Demand demand) {
        return demand.flags().isEmpty() ? Optional.empty() : demand.flags().stream()
                .filter(flag -> !COMMON_FLAGS.contains(flag) && !spec.flags().contains(flag))
                .sorted()
                .findFirst()
                .map(flag -> "does not know the flag " + flag);
    }

    private static Optional<String> lacking(boolean missing, String text) {
        return missing ? Optional.of(text) : Optional.empty();
    }

    private static Verdict ask(Contender contender, List<Participant> devices) {
        for (Participant device : devices) {
            switch (contender.match(device)) {
                case Answer.Accepted _ -> {}
                case Answer.Declined(Reason reason, String text) -> {
                    return new Verdict(Optional.of(no(contender, device, reason, text)), true);
                }
                case Answer.Failed(Reason reason, String text) -> {
                    return new Verdict(Optional.of(no(contender, device, reason, text)), false);
                }
            }
        }
        return Verdict.YES;
    }

    private static Attempt no(Contender contender, Participant device, Reason reason, String text) {
        return attempt(contender, reason, "does not serve " + device.device() + ": " + text);
    }

    private static Attempt attempt(Contender contender, Reason reason, String text) {
        return new Attempt(contender.spec().id(), false, Optional.of(reason), text);
    }
}
