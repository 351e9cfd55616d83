// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.quota;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.QuotaInfo;
import dmabuf.api.Reason;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a rule counts.
 *
 * @param rule the rule
 * @param owner whose use is counted; empty where all that it limits share it
 */
record Bucket(QuotaRule rule, Optional<Payer> owner) {
    static Bucket of(QuotaRule rule, Payer payer) {
        return new Bucket(rule, rule.isPerOwner() ? Optional.of(payer) : Optional.empty());
    }

    QuotaInfo picture(Amount used) {
        return new QuotaInfo(
                rule.name(), rule.parent(), owner.map(Payer::name), used.byteSize(), rule.byteSize(),
                used.descriptors(), rule.descriptors());
    }

    /** Returns the refusal of a step that goes past a limit; a step down never does. */
    Optional<DmaBufException> refusal(Amount before, Amount after, Payer payer) {
        return over(rule.byteSize(), before.byteSize(), after.byteSize())
                .map(numbers -> refusal(numbers, "bytes", payer))
                .or(() -> over(rule.descriptors(), before.descriptors(), after.descriptors())
                        .map(numbers -> refusal(numbers, "descriptors", payer)));
    }

    private static Optional<String> over(OptionalLong limit, long before, long after) {
        return limit.isPresent() && after > limit.getAsLong() && after > before
                ? Optional.of("limit=" + Quantity.format(limit.getAsLong()) + ", used=" + Quantity.format(before)
                        + ", asked=" + Quantity.format(after - before))
                : Optional.empty();
    }

    private DmaBufException refusal(String numbers, String unit, Payer payer) {
        return new DmaBufException(
                Reason.QUOTA, rule + " has no room in " + unit + ": " + numbers + " (owner " + payer.name() + ")");
    }
}
