// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZJ_Result;

/** Two take the last bytes of a {@link Cap}. */
@JCStressTest
@Outcome(id = {"true, false, 2", "false, true, 2"}, expect = Expect.ACCEPTABLE, desc = "one got them")
@Outcome(expect = Expect.FORBIDDEN, desc = "both, nobody, or it is not counted")
@State
public class CapStress {
    private final Cap cap = new Cap(() -> 3);

    @Actor
    public void first(ZZJ_Result result) {
        result.r1 = takes();
    }

    @Actor
    public void second(ZZJ_Result result) {
        result.r2 = takes();
    }

    @Arbiter
    public void used(ZZJ_Result result) {
        result.r3 = cap.used();
    }

    private boolean takes() {
        try {
            cap.take(2);
            return true;
        } catch (DmaBufException e) {
            return false;
        }
    }
}
