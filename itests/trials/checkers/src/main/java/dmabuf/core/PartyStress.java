// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Of two that let go of a {@link Party}'s service one has done it, and who calls sees it gone. */
public final class PartyStress {
    private PartyStress() {}

    /** Two let go. */
    @JCStressTest
    @Outcome(id = {"true, false", "false, true"}, expect = Expect.ACCEPTABLE, desc = "one has done it")
    @Outcome(expect = Expect.FORBIDDEN, desc = "both, or nobody")
    @State
    public static class Leaves {
        private final Party<String> party = new Party<>("party", "service");

        @Actor
        public void first(ZZ_Result result) {
            result.r1 = party.leave();
        }

        @Actor
        public void second(ZZ_Result result) {
            result.r2 = party.leave();
        }
    }

    /** One looks again and again. */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "it is seen")
    @Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "it is never seen")
    @State
    public static class IsSeen {
        private final Party<String> party = new Party<>("party", "service");

        @Actor
        @SuppressWarnings("EmptyBlock")
        public void look() {
            while (!party.hasLeft()) {}
        }

        @Signal
        public void leave() {
            party.leave();
        }
    }
}
