// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.core.quota.Amount;
import dmabuf.core.quota.QuotaRule;
import dmabuf.core.quota.Quotas;
import java.util.Map;
import java.util.Optional;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZJ_Result;

/** Two owners take the last bytes of a quota that they share. */
@JCStressTest
@Outcome(id = {"true, false, 2", "false, true, 2"}, expect = Expect.ACCEPTABLE, desc = "one got them")
@Outcome(expect = Expect.FORBIDDEN, desc = "both, nobody, or it is not counted")
@State
public class QuotaStress {
    private static final QuotaRule RULE = QuotaRule.of(Map.of("name", "all", "owners", "*", "bytes", 3));

    private static final Amount LAST = new Amount(2, 0);

    private final Quotas quotas = new Quotas();

    /** States the quota, and lets it be known what limits whom: the race is for the bytes. */
    public QuotaStress() {
        quotas.put("all", RULE);
        takes("first", Amount.NONE);
        takes("second", Amount.NONE);
    }

    @Actor
    public void first(ZZJ_Result result) {
        result.r1 = takes("first", LAST);
    }

    @Actor
    public void second(ZZJ_Result result) {
        result.r2 = takes("second", LAST);
    }

    @Arbiter
    public void used(ZZJ_Result result) {
        result.r3 = quotas.all().getFirst().byteSize();
    }

    private boolean takes(String name, Amount bytes) {
        try {
            quotas.open(new Owner(name), "contig", Optional.empty()).take(bytes);
            return true;
        } catch (DmaBufException e) {
            return false;
        }
    }
}
