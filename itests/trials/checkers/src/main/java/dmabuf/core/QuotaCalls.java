// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.core.quota.Amount;
import dmabuf.core.quota.Charge;
import dmabuf.core.quota.QuotaRule;
import dmabuf.core.quota.Quotas;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** {@link Quotas} of two owners, each with a limit for itself, below one that both share. */
@Param(name = "who", gen = IntGen.class, conf = "0:1")
@Param(name = "bytes", gen = IntGen.class, conf = "1:2")
public class QuotaCalls {
    private final Quotas quotas = new Quotas();
    private final List<Charge> charges;

    /** States the quotas. */
    public QuotaCalls() {
        quotas.put("all", QuotaRule.of(Map.of("name", "all", "bytes", 4)));
        quotas.put("each", QuotaRule.of(Map.of("name", "each", "parent", "all", "owners", "*", "perOwner", true, "bytes", 3)));
        charges = List.of(
                quotas.open(new Owner("first"), "contig", Optional.empty()),
                quotas.open(new Owner("second"), "contig", Optional.empty()));
    }

    @Operation
    public boolean take(@Param(name = "who") int who, @Param(name = "bytes") int bytes) {
        try {
            charges.get(who).take(new Amount(bytes, 0));
            return true;
        } catch (DmaBufException e) {
            return false;
        }
    }

    @Operation
    public boolean giveBack(@Param(name = "who") int who) {
        try {
            charges.get(who).giveBack(new Amount(1, 0));
            return true;
        } catch (IllegalArgumentException e) {
            return false; // nothing was charged
        }
    }

    @Operation
    public void waive(@Param(name = "who") int who) {
        charges.get(who).waive();
    }

    @Operation
    public long used() {
        return quotas.all().getFirst().byteSize();
    }
}
