// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Two take from the {@link FreeList} of a set. */
@JCStressTest
@Outcome(id = {"0, 1", "1, 0"}, expect = Expect.ACCEPTABLE, desc = "one each")
@Outcome(expect = Expect.FORBIDDEN, desc = "one for both, or none although there are two")
@State
public class FreeListStress {
    private final FreeList free = new FreeList(2);

    /** Starts with both free. */
    public FreeListStress() {
        free.push(0);
        free.push(1);
    }

    @Actor
    public void first(II_Result result) {
        result.r1 = free.pop();
    }

    @Actor
    public void second(II_Result result) {
        result.r2 = free.pop();
    }
}
