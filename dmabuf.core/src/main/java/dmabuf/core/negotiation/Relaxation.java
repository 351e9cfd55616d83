// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.Blame;
import dmabuf.api.ConstraintField;
import dmabuf.api.Explanation;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Asks "what would make it fit": devices with a field set back to neutral on all their ways. */
@SuppressWarnings("DoNotCallSuggester") // filled in by the next commit
public final class Relaxation {
    private Relaxation() {}

    /**
     * Returns the device with these fields neutral on all its ways. RANGE covers range, mask, offset and windows;
     * neutral IOMMU means a direct way.
     */
    public static Member without(Member member, Set<ConstraintField> fields) {
        throw pending();
    }

    /** Returns every field that a device states on one of its ways, by device name, then in table order. */
    public static List<Blame> stated(List<Member> members) {
        throw pending();
    }

    /**
     * Returns the single change that would make it fit: of an INCOMPATIBLE only the entries of its conflict are tried,
     * else every stated field, in order. Where the pools of two parts of one device do not meet, their parent's pools.
     *
     * @param fits whether a whole dry run with these devices succeeds
     */
    public static Optional<Blame> singleChange(
            List<Member> members, Explanation refusal, Predicate<List<Member>> fits) {
        throw pending();
    }

    private static UnsupportedOperationException pending() {
        return new UnsupportedOperationException("follows in the next commit");
    }
}
