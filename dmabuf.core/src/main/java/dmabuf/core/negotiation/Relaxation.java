// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.Blame;
import dmabuf.api.ConstraintField;
import dmabuf.api.Explanation;
import dmabuf.api.Names;
import dmabuf.api.Reason;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Asks "what would make it fit": devices with a field set back to neutral on all their ways. */
public final class Relaxation {
    private Relaxation() {}

    /**
     * Returns the device with these fields neutral on all its ways. RANGE covers range, mask, offset and windows;
     * neutral IOMMU means a direct way.
     */
    public static Member without(Member member, Set<ConstraintField> fields) {
        return new Member(
                member.name(), member.paths().stream().map(path -> path.without(fields)).toList(), member.parent());
    }

    /** Returns every field that a device states on one of its ways, by device name, then in table order. */
    public static List<Blame> stated(Collection<Member> members) {
        return members.stream()
                .sorted(Comparator.comparing(Member::name, Names.ORDER))
                .flatMap(Relaxation::stated)
                .toList();
    }

    private static Stream<Blame> stated(Member member) {
        Set<ConstraintField> stated = EnumSet.noneOf(ConstraintField.class);
        member.paths().forEach(path -> stated.addAll(path.stated()));
        return stated.stream().map(field -> Blame.of(member.name(), field));
    }

    /**
     * Returns the single change that would make it fit: of an INCOMPATIBLE only the entries of its conflict are tried,
     * else every stated field, in order. Where the pools of two parts of one device do not meet, their parent's pools.
     *
     * @param fits whether a whole dry run with these devices succeeds
     */
    public static Optional<Blame> singleChange(
            Collection<Member> members, Explanation refusal, Predicate<List<Member>> fits) {
        if (refusal.fits().isPresent()) {
            return refusal.fits();
        }
        List<Blame> changes = refusal.reason() == Reason.INCOMPATIBLE ? refusal.blames() : stated(members);
        return changes.stream().filter(change -> fits.test(changed(members, change))).findFirst();
    }

    private static List<Member> changed(Collection<Member> members, Blame change) {
        return members.stream()
                .map(member -> member.name().equals(change.name())
                        ? without(member, EnumSet.of(change.field().orElseThrow()))
                        : member)
                .toList();
    }
}
