// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Explanation;
import dmabuf.api.FenceState;
import dmabuf.api.Reason;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A fence's {@link Completion} ends once, with its error, and tells whoever asked just then. */
public final class CompletionStress {
    private static final Explanation LATE = Explanation.of(Reason.TIMED_OUT, "late");

    private CompletionStress() {}

    /** It is signalled while its deadline passes. */
    @JCStressTest
    @Outcome(id = "true, false, SIGNALLED", expect = Expect.ACCEPTABLE, desc = "the source was first")
    @Outcome(id = "false, true, FAILED", expect = Expect.ACCEPTABLE, desc = "the deadline was first")
    @Outcome(expect = Expect.FORBIDDEN, desc = "it ended twice, or not as was said")
    @State
    public static class EndsOnce {
        private final Completion completion = Completion.after(List.of());

        @Actor
        public void signal(ZZL_Result result) {
            result.r1 = completion.signal();
        }

        @Actor
        public void expire(ZZL_Result result) {
            result.r2 = completion.end(LATE);
        }

        @Arbiter
        public void state(ZZL_Result result) {
            result.r3 = completion.state();
        }
    }

    /** Somebody asks to be told while it is signalled. */
    @JCStressTest
    @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "told once")
    @Outcome(expect = Expect.FORBIDDEN, desc = "never told, or twice")
    @State
    public static class Tells {
        private final Completion completion = Completion.after(List.of());
        private int told;

        @Actor
        public void signal() {
            completion.signal();
        }

        @Actor
        public void ask() {
            completion.whenDone(this::tell);
        }

        private synchronized void tell() {
            told++;
        }

        @Arbiter
        public synchronized void told(I_Result result) {
            result.r1 = told;
        }
    }

    /** Who sees that it failed sees why. */
    @JCStressTest
    @Outcome(id = {"false, false", "false, true", "true, true"}, expect = Expect.ACCEPTABLE, desc = "the error is there")
    @Outcome(id = "true, false", expect = Expect.FORBIDDEN, desc = "failed without an error")
    @State
    public static class HasItsError {
        private final Completion completion = Completion.after(List.of());

        @Actor
        public void fail() {
            completion.fail(LATE);
        }

        @Actor
        public void look(ZZ_Result result) {
            result.r1 = completion.state() == FenceState.FAILED;
            result.r2 = completion.error().isPresent();
        }
    }
}
